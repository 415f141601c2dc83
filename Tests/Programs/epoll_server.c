// One thread serves C connections (unnamed unix pairs) with epoll; a client process sleeps X ms before each
// request and sends them over the connections in turn, so the server waits X ms in epoll_wait.
#include "program.h"

#include <sys/epoll.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    usage(argc, 3, "ROUNDS WAIT_MS CONNECTIONS [WORK_MS]");
    uint64_t rounds = (uint64_t)number(argc, argv, 1, 0);
    uint64_t wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    size_t connections = (size_t)number(argc, argv, 3, 0);
    uint64_t work_length = (uint64_t)number(argc, argv, 4, 0) * MS;
    begin("epoll_server");

    int(*pairs)[2] = calloc(connections, sizeof *pairs);
    int set = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    for (size_t i = 0; i < connections; i++) {
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]), "socketpair");
        struct epoll_event event = {.events = EPOLLIN, .data.fd = pairs[i][0]};
        check(epoll_ctl(set, EPOLL_CTL_ADD, pairs[i][0], &event), "epoll_ctl");
    }

    pid_t child = check(fork(), "fork");
    struct truth truth = truth_begin(child == 0 ? "client" : "server");
    for (char byte = 0; truth.rounds < rounds; truth.rounds++) {
        if (child == 0) {
            int file = pairs[truth.rounds % connections][1];
            sleep_ns(wait_length);
            if (write(file, &byte, 1) != 1)
                fail("write");
            uint64_t before = now_ns();
            if (read(file, &byte, 1) != 1)
                fail("read");
            truth.wait_ns += now_ns() - before;
        } else {
            struct epoll_event event;
            uint64_t before = now_ns();
            check(epoll_wait(set, &event, 1, -1), "epoll_wait");
            truth.wait_ns += now_ns() - before;
            if (read(event.data.fd, &byte, 1) != 1)
                fail("read");
            spin_ns(work_length);
            if (write(event.data.fd, &byte, 1) != 1)
                fail("write");
        }
    }
    if (child != 0)
        wait_child(child);
    truth_end(&truth);
    free(pairs);
    return child == 0 ? 0 : end();
}
