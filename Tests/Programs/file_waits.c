// Waits for a disk: N times B bytes of FILE, which is made first, N times B bytes long, and removed at the
// end.
//   direct     read with O_DIRECT (B a multiple of 4096)
//   cold       read after the page cache has dropped the file
//   fault      one byte of each mapped piece is touched, after the page cache has dropped it
//   unlinked   as cold, of a file that has no name any more
//   sync       written with O_SYNC
// With WAITS it begins anew, up to 20 times, until in as many calls or faults it has slept: a fast disk may be done before
// the thread has given up its CPU.  wait_ns is the time inside of these calls and faults.  fsync_writer has fsync.
#include "resource.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { DIRECT, COLD, FAULT, UNLINKED, SYNC, HOWS };
static const char *const names[HOWS] = {"direct", "cold", "fault", "unlinked", "sync"};

static int how;
static char *path;
static size_t size;
static uint64_t rounds;
static char *buffer;

static int make_file(int flags, bool unlinked) {
    int file = check(open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600), path), first = file;
    // Before anything waits for it.
    if (unlinked)
        unlink(path);
    for (uint64_t i = 0; i < rounds; i++)
        if (write(file, buffer, size) != (ssize_t)size)
            fail("write");
    check(fsync(file), "fsync");
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", first);
    file = check(open(name, flags | O_CLOEXEC), path);
    close(first);
    errno = posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);  // no reading ahead
    if (errno)
        fail("posix_fadvise");
    errno = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    if (errno)
        fail("posix_fadvise");
    return file;
}

// Of what is in the page cache, nothing is left there.
static void read_again(int file, char *mapped) {
    if (mapped)
        check(madvise(mapped, size * rounds, MADV_DONTNEED), "madvise");
    errno = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    if (errno)
        fail("posix_fadvise");
    check((int)lseek(file, 0, SEEK_SET), "lseek");
}

static void touch(const char *byte) { (void)*(const volatile char *)byte; }

// Everything that waits for the disk.
static void *wait_for_it(void *argument) {
    uint64_t wanted = (uint64_t) * (const long *)argument;
    bool fault = how == FAULT, sync = how == SYNC;
    int flags = how == DIRECT ? O_RDONLY | O_DIRECT : sync ? O_RDWR | O_SYNC : O_RDONLY;
    int file = make_file(flags, how == UNLINKED);
    char *mapped = NULL;
    if (fault) {
        mapped = mmap(NULL, size * rounds, PROT_READ, MAP_SHARED, file, 0);
        if (mapped == MAP_FAILED)
            fail("mmap");
        check(madvise(mapped, size * rounds, MADV_RANDOM), "madvise");
    }
    struct resource resource = {
        .role = sync ? "writer" : "reader", .kind = fault ? "page_fault" : sync ? "file_write" : "file_read",
        .fd = file, .path = path, .waker_kind = "block"};
    say_resource(&resource);

    struct truth truth = truth_begin(resource.role);
    for (uint64_t most = (wanted ? 20 : 1) * rounds; truth.rounds < most; truth.rounds++) {
        uint64_t piece = truth.rounds % rounds;
        if (piece == 0 && truth.rounds > 0) {
            if (truth.sleeps >= wanted)
                break;
            read_again(file, mapped);
        }
        wait_begins(&truth);
        if (fault)
            touch(mapped + piece * size);
        else if ((sync ? write(file, buffer, size) : read(file, buffer, size)) != (ssize_t)size)
            fail(names[how]);
        wait_ends(&truth);
    }
    truth_end(&truth);
    return NULL;
}

int main(int argc, char **argv) {
    const char *text = "FILE ROUNDS BYTES direct|cold|fault|unlinked|sync [WAITS]";
    usage(argc, 4, text);
    path = argv[1];
    rounds = (uint64_t)number(argc, argv, 2, 0);
    size = (size_t)number(argc, argv, 3, 0);
    while (how < HOWS && strcmp(argv[4], names[how]) != 0)
        how++;
    if (how == HOWS)
        usage(0, 0, text);
    long wanted = number(argc, argv, 5, 0);
    begin("file_waits");

    buffer = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
    memset(buffer, 'x', size);
    if (how == FAULT) {
        // All code is brought in by this thread: the faults of the other are those on the file alone.
        check(mlockall(MCL_CURRENT), "mlockall");
        pthread_join(start_thread(wait_for_it, &wanted), NULL);
    } else
        wait_for_it(&wanted);
    if (how != UNLINKED)
        unlink(path);
    free(buffer);
    return end();
}
