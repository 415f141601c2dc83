// Two processes play ping-pong through two pipes.  The writer sleeps X ms before each ping, so the reader
// waits X ms for it; the writer then waits for the pong, which comes at once.
#include "program.h"

#include <sys/stat.h>

static void put(int file) {
    if (write(file, "x", 1) != 1)
        fail("write");
}

static uint64_t take(int file) {
    char byte;
    uint64_t before = now_ns();
    if (read(file, &byte, 1) != 1)
        fail("read");
    return now_ns() - before;
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

    pid_t child = check(fork(), "fork");
    struct truth truth = truth_begin(child == 0 ? "reader" : "writer");
    for (; truth.rounds < rounds; truth.rounds++) {
        if (child == 0) {
            truth.wait_ns += take(ping[0]);
            put(pong[1]);
        } else {
            sleep_ns(wait_length);
            put(ping[1]);
            truth.wait_ns += take(pong[0]);
        }
    }
    if (child != 0)
        wait_child(child);
    truth_end(&truth);
    return child == 0 ? 0 : end();
}
