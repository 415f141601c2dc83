// A unix stream socket between two processes: the client sleeps X ms before each request, so the server
// waits X ms in recv; the server computes Y ms before it answers, so the client waits Y ms.
// With a PATH the server listens there and the client connects; without one the pair is unnamed.
#include "program.h"

#include <sys/socket.h>
#include <sys/un.h>

static uint64_t receive(int file) {
    char byte;
    uint64_t before = now_ns();
    if (recv(file, &byte, 1, 0) != 1)
        fail("recv");
    return now_ns() - before;
}

// When the kernel says that the other waits for it.
static void transmit(int file, pid_t other) {
    follow_sleep(other, SYS_recvfrom);
    if (send(file, "x", 1, 0) != 1)
        fail("send");
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS WAIT_MS [WORK_MS [PATH]]");
    uint64_t rounds = (uint64_t)number(argc, argv, 1, 0);
    uint64_t wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    uint64_t work_length = (uint64_t)number(argc, argv, 3, 0) * MS;
    begin("socket_pair");

    int ends[2] = {-1, -1}, listener = -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc > 4) {
        strncpy(address.sun_path, argv[4], sizeof address.sun_path - 1);
        unlink(address.sun_path);
        listener = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
        check(bind(listener, (struct sockaddr *)&address, sizeof address), "bind");
        check(listen(listener, 1), "listen");
    } else {
        check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    }

    pid_t child = check(fork(), "fork"), other = child == 0 ? getppid() : child;
    struct truth truth = truth_begin(child == 0 ? "client" : "server");
    int file = ends[child == 0];
    if (child == 0 && listener != -1) {
        sleep_ns(wait_length);
        file = check(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
        check(connect(file, (struct sockaddr *)&address, sizeof address), "connect");
    } else if (listener != -1) {
        file = check(accept(listener, NULL, NULL), "accept");
    }
    for (; truth.rounds < rounds; truth.rounds++) {
        if (child == 0) {
            sleep_ns(wait_length);
            transmit(file, other);
            truth.wait_ns += receive(file);
        } else {
            truth.wait_ns += receive(file);
            spin_ns(work_length);
            transmit(file, other);
        }
    }
    if (child != 0) {
        wait_child(child);
        unlink(address.sun_path);
    }
    truth_end(&truth);
    return child == 0 ? 0 : end();
}
