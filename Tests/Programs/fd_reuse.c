// One descriptor number that is a pipe, a unix socket, an eventfd and a TCP socket in turn: each is waited
// for once, X ms, and closed; N rounds.  A line says what it is in each.
#include "pair.h"

#include <sys/eventfd.h>

// In the waiter the end that it reads, in the waker the other: both are threads of one process.
static int number_in_use = 200, other;

static void open_inet(int ends[2]) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(bind(listener, (struct sockaddr *)&address, length), "bind");
    check(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
    check(listen(listener, 1), "listen");
    ends[1] = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(connect(ends[1], (struct sockaddr *)&address, length), "connect");
    ends[0] = check(accept(listener, NULL, NULL), "accept");
    close(listener);
}

static void prepare(uint64_t round) {
    static const char *const kinds[] = {"pipe", "unix", "file", "inet"};
    int ends[2];
    switch (round % 4) {
    case 0: check(pipe(ends), "pipe"); break;
    case 1: check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair"); break;
    case 2:
        ends[0] = check(eventfd(0, 0), "eventfd");
        ends[1] = check(dup(ends[0]), "dup");
        break;
    default: open_inet(ends);
    }
    check(dup2(ends[0], number_in_use), "dup2");
    close(ends[0]);
    other = ends[1];
    struct resource resource = {
        .kind = kinds[round % 4], .fd = number_in_use, .waker_tid = atomic_load(&pair_waker_tid)};
    say_resource(&resource);
}

static void wait_for_data(uint64_t round) {
    (void)round;
    uint64_t value;
    if (read(number_in_use, &value, sizeof value) <= 0)
        fail("read");
    close(number_in_use);
    close(other);
}

static void wake(uint64_t round) {
    uint64_t one = 1;
    ssize_t size = round % 4 == 2 ? sizeof one : 1;
    if (write(other, &one, (size_t)size) != size)
        fail("write");
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS WAIT_MS");
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    pair.in_threads = true;
    pair.call = SYS_read;
    begin("fd_reuse");
    pair.prepare = prepare, pair.wait = wait_for_data, pair.wake = wake;
    return run_pair();
}
