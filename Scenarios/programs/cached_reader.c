// A service that reads eight places of a file for each request:
//
//   cached_reader PORT WORKERS FILE
//
// The file has 128 MB, and lies in the page cache as long as there is memory for it. It has no fault of its own.
#include "service_main.h"

#define SIZE (128 << 20)
#define BLOCK 4096

static int file;

void unit(void) {
    static _Thread_local unsigned seed;
    static _Thread_local char block[BLOCK];
    if (seed == 0)
        seed = (unsigned)gettid();
    for (int i = 0; i < 8; i++)
        if (pread(file, block, BLOCK, (off_t)((unsigned)rand_r(&seed) % (SIZE / BLOCK)) * BLOCK) != BLOCK)
            fail("pread");
}

void fault(void) {}

// Makes the file, and reads it twice, so that the kernel takes it for something that is in use.
static void fill(const char *path) {
    static char part[1 << 20];
    file = check(open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
    for (off_t at = 0; at < SIZE; at += (off_t)sizeof part)
        if (pwrite(file, part, sizeof part, at) != sizeof part)
            fail(path);
    check(fsync(file), "fsync");
    errno = posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM);
    if (errno)
        fail("posix_fadvise");
    for (int round = 0; round < 2; round++)
        for (off_t at = 0; at < SIZE; at += BLOCK)
            if (pread(file, part, BLOCK, at) != BLOCK)
                fail(path);
}

int main(int argc, char **argv) {
    int port, workers;
    prepare(argc, argv, 3, &port, &workers);
    fill(argv[3]);
    run_service(port, workers);
}
