// N threads that contend for one lock of the kernel for T ms:
//   inode   all append to one FILE (removed at the end) with O_DIRECT, and hold the inode's i_rwsem until
//           the disk is done: while the holder sleeps the others sleep too, where they would otherwise spin
//   mmap    all map and unmap memory, for which each holds the mmap_lock of the process
// wait_ns is the time inside of these calls, in which the waits for the lock are.
#include "resource.h"

#include <fcntl.h>
#include <sys/mman.h>

#define PIECE (64 * 1024)

static uint64_t until;
static int file = -1;
static char *piece;

static void append(void) {
    // Over and over the same place on disk, so that the file does not fill it.
    if (write(file, piece, PIECE) != PIECE)
        fail("write");
    if (lseek(file, 0, SEEK_CUR) > 64 * PIECE)
        check(ftruncate(file, 0), "ftruncate");
}

static void map_and_unmap(void) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
    char *place = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (place == MAP_FAILED)
        fail("mmap");
    check(munmap(place, PIECE), "munmap");
}

static void *contend(void *unused) {
    struct truth truth = truth_begin("contender");
    for (; now_ns() < until; truth.rounds++) {
        uint64_t before = now_ns();
        file == -1 ? map_and_unmap() : append();
        truth.wait_ns += now_ns() - before;
    }
    truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 3, "THREADS MS inode|mmap [FILE]");
    long threads = number(argc, argv, 1, 0);
    uint64_t length = (uint64_t)number(argc, argv, 2, 0) * MS;
    bool is_inode = strcmp(argv[3], "inode") == 0;
    if (is_inode)
        usage(argc, 4, "THREADS MS inode FILE");
    begin("lock_contention");

    piece = aligned_alloc(4096, PIECE);
    memset(piece, 'x', PIECE);
    if (is_inode)
        file = check(open(argv[4], O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_DIRECT, 0600), argv[4]);
    struct resource resource = {
        .role = "contender", .kind = "kernel_lock", .fd = is_inode ? file : 0,
        .path = is_inode ? argv[4] : NULL};
    say_resource(&resource);
    until = now_ns() + length;
    pthread_t *started = calloc((size_t)threads, sizeof *started);
    for (long i = 0; i < threads; i++)
        started[i] = start_thread(contend, NULL);
    for (long i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    if (is_inode)
        unlink(argv[4]);
    free(started);
    free(piece);
    return end();
}
