// Writes B bytes at the end of FILE and calls fsync, N times over; wait_ns is the time inside fsync.
// The file is removed at the end.
#include "program.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(int argc, char **argv) {
    usage(argc, 3, "FILE ROUNDS BYTES");
    uint64_t rounds = (uint64_t)number(argc, argv, 2, 0);
    size_t bytes = (size_t)number(argc, argv, 3, 0);
    begin("fsync_writer");

    int file = check(open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600), argv[1]);
    struct stat status;
    check(fstat(file, &status), "fstat");
    say("{\"event\":\"file\",\"inode\":%llu,\"major\":%u,\"minor\":%u}", (unsigned long long)status.st_ino,
        major(status.st_dev), minor(status.st_dev));

    char *block = calloc(1, bytes);
    struct truth truth = truth_begin("writer");
    for (; truth.rounds < rounds; truth.rounds++) {
        if (write(file, block, bytes) != (ssize_t)bytes)
            fail("write");
        wait_begins(&truth);
        check(fsync(file), "fsync");
        wait_ends(&truth);
    }
    truth_end(&truth);
    unlink(argv[1]);
    free(block);
    return end();
}
