// A TCP connection over loopback between two processes: the client sleeps X ms before each request, so the
// server waits X ms in recv (and first X ms in accept); the server computes Y ms before it answers.
#include "program.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

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

static int port(int file, bool peer) {
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    check((peer ? getpeername : getsockname)(file, (struct sockaddr *)&address, &length), "socket name");
    return ntohs(address.sin_port);
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS WAIT_MS [WORK_MS]");
    uint64_t rounds = (uint64_t)number(argc, argv, 1, 0);
    uint64_t wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    uint64_t work_length = (uint64_t)number(argc, argv, 3, 0) * MS;
    begin("tcp_pair");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(bind(listener, (struct sockaddr *)&address, length), "bind");
    check(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
    check(listen(listener, 1), "listen");

    pid_t child = check(fork(), "fork"), other = child == 0 ? getppid() : child;
    struct truth truth = truth_begin(child == 0 ? "client" : "server");
    int file, on = 1;
    if (child == 0) {
        sleep_ns(wait_length);
        file = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
        check(connect(file, (struct sockaddr *)&address, length), "connect");
    } else {
        file = check(accept(listener, NULL, NULL), "accept");
        say("{\"event\":\"connection\",\"server_port\":%d,\"client_port\":%d}", port(file, false),
            port(file, true));
    }
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
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
    if (child != 0)
        wait_child(child);
    truth_end(&truth);
    return child == 0 ? 0 : end();
}
