// Two processes play ping-pong through two pipes.  The writer sleeps X ms before each ping, so the reader
// waits X ms for it; the writer then waits for the pong, which comes at once.  Unless X is 0, neither writes before the
// kernel has said that the other sleeps.
#include "program.h"

#include <sys/stat.h>

static void put(int file) {
    if (write(file, "x", 1) != 1)
        fail("write");
}

static void take(int file, struct truth *truth) {
    char byte;
    wait_begins(truth);
    if (read(file, &byte, 1) != 1)
        fail("read");
    wait_ends(truth);
}

static unsigned long long inode(int file) {
    struct stat status;
    check(fstat(file, &status), "fstat");
    return status.st_ino;
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS WAIT_MS");
    uint64_t rounds = (uint64_t)number(argc, argv, 1, 0);
    uint64_t wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    begin("pipe_pair");

    int ping[2], pong[2];
    check(pipe(ping), "pipe");
    check(pipe(pong), "pipe");
    say("{\"event\":\"pipes\",\"ping_inode\":%llu,\"pong_inode\":%llu,\"ping_fd\":%d,\"pong_fd\":%d}",
        inode(ping[0]), inode(pong[0]), ping[0], pong[0]);

    pid_t child = check(fork(), "fork"), other = child == 0 ? getppid() : child;
    struct truth truth = truth_begin(child == 0 ? "reader" : "writer");
    for (; truth.rounds < rounds; truth.rounds++) {
        if (child == 0)
            take(ping[0], &truth);
        else
            sleep_ns(wait_length);
        if (wait_length > 0)
            follow_sleep(other, SYS_read);
        put(child == 0 ? pong[1] : ping[1]);
        if (child != 0)
            take(pong[0], &truth);
    }
    if (child != 0)
        wait_child(child);
    truth_end(&truth);
    return child == 0 ? 0 : end();
}
