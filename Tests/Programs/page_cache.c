// Uses FILE, of N pages, through the page cache in ways that leave no doubt about what must be counted.  It is made and
// synced first, and is not in the cache when it begins, unless it says so.
//   cold       read from end to end, in pieces of 16 pages, without reading ahead
//   ahead      the same, with reading ahead
//   warm       the same, twice: only the first time it is cold
//   random     one page in eight is read, without reading ahead
//   faults     one byte of each page of a mapping is read, without reading ahead
//   dirty      every page is written to, and nothing else
//   sync       as dirty, and fsync
//   truncate   read, then cut to a quarter
//   aio        every piece is written with io_submit, and then read: nothing comes from the disk
// Says how many pages it asked for ("lookups") and how many it made dirty or had taken out of the cache.  FILE stays.
#include "resource.h"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define PAGE 4096
#define PIECE 16

static char buffer[PIECE * PAGE];
static uint64_t pages, lookups, dirtied, evicted;

static void advise(int file, int advice) {
    errno = posix_fadvise(file, 0, 0, advice);
    if (errno)
        fail("posix_fadvise");
}

static void fill(int file) {
    for (uint64_t i = 0; i < pages; i += PIECE)
        if (pwrite(file, buffer, sizeof buffer, (off_t)(i * PAGE)) != sizeof buffer)
            fail("write");
}

static void read_all(int file) {
    for (uint64_t i = 0; i < pages; i += PIECE)
        if (pread(file, buffer, sizeof buffer, (off_t)(i * PAGE)) != sizeof buffer)
            fail("read");
    lookups += pages;
}

static void write_and_read(int file) {
    aio_context_t context = 0;
    check((int)syscall(SYS_io_setup, 1, &context), "io_setup");
    for (uint64_t i = 0; i < pages; i += PIECE) {
        struct iocb request = {
            .aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = (uint32_t)file, .aio_buf = (uint64_t)(uintptr_t)buffer,
            .aio_nbytes = sizeof buffer, .aio_offset = (int64_t)(i * PAGE)};
        struct iocb *requests[] = {&request};
        struct io_event event;
        check((int)syscall(SYS_io_submit, context, 1L, requests), "io_submit");
        check((int)syscall(SYS_io_getevents, context, 1L, 1L, &event, NULL), "io_getevents");
        if (event.res != sizeof buffer || pread(file, buffer, sizeof buffer, (off_t)(i * PAGE)) != sizeof buffer)
            fail("write or read");
    }
    lookups = dirtied = pages;
}

int main(int argc, char **argv) {
    const char *text = "FILE PAGES cold|ahead|warm|random|faults|dirty|sync|truncate|aio";
    usage(argc, 3, text);
    pages = (uint64_t)number(argc, argv, 2, 0) / PIECE * PIECE;
    const char *how = argv[3];
    bool ahead = strcmp(how, "ahead") == 0, warm = strcmp(how, "warm") == 0;
    begin("page_cache");

    // In a process of its own, of which nothing is counted for this one.
    pid_t maker = check(fork(), "fork");
    if (maker == 0) {
        int file = check(open(argv[1], O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600), argv[1]);
        memset(buffer, 'x', sizeof buffer);
        fill(file);
        check(fsync(file), "fsync");
        advise(file, POSIX_FADV_DONTNEED);
        _exit(0);
    }
    wait_child(maker);

    int file = check(open(argv[1], O_RDWR | O_CLOEXEC), argv[1]);
    if (!ahead && !warm)
        advise(file, POSIX_FADV_RANDOM);
    if (strcmp(how, "cold") == 0 || ahead) {
        read_all(file);
    } else if (warm) {
        read_all(file);
        read_all(file);
    } else if (strcmp(how, "random") == 0) {
        for (uint64_t i = 0; i < pages; i += 8, lookups++)
            if (pread(file, buffer, PAGE, (off_t)(i * PAGE)) != PAGE)
                fail("read");
    } else if (strcmp(how, "faults") == 0) {
        const volatile char *mapped = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, file, 0);
        if (mapped == MAP_FAILED)
            fail("mmap");
        check(madvise((void *)mapped, pages * PAGE, MADV_RANDOM), "madvise");
        // Downwards: a page that is mapped already, because it was in the cache beside another, would not fault.
        for (uint64_t i = pages; i-- > 0; lookups++)
            (void)mapped[i * PAGE];
    } else if (strcmp(how, "dirty") == 0 || strcmp(how, "sync") == 0) {
        fill(file);
        dirtied = pages;
        if (strcmp(how, "sync") == 0)
            check(fsync(file), "fsync");
    } else if (strcmp(how, "truncate") == 0) {
        read_all(file);
        check(ftruncate(file, (off_t)(pages / 4 * PAGE)), "ftruncate");
        evicted = pages - pages / 4;
    } else if (strcmp(how, "aio") == 0) {
        write_and_read(file);
    } else {
        usage(0, 0, text);
    }
    struct stat status;
    check(fstat(file, &status), "fstat");
    say("{\"event\":\"pages\",\"pid\":%d,\"inode\":%llu,\"lookups\":%llu,\"dirtied\":%llu,\"evicted\":%llu}", getpid(),
        (unsigned long long)status.st_ino, (unsigned long long)lookups, (unsigned long long)dirtied,
        (unsigned long long)evicted);
    return end();
}
