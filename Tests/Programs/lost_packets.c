// A TCP connection over loopback whose server loses all that comes for LOSS_MS, ROUNDS times: a filter at its socket lets
// nothing through meanwhile.  The client sends a byte, waits for the answer, and tells how many segments the kernel has
// sent again for it:
//
//   {"event":"connection","role":"client","local_port":..,"peer_port":..,"retransmits":..}
#include "program.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static void lose_for(int file, uint64_t length) {
    struct sock_filter nothing[] = {BPF_STMT(BPF_RET | BPF_K, 0)};
    struct sock_fprog filter = {.len = 1, .filter = nothing};
    check(setsockopt(file, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter), "SO_ATTACH_FILTER");
    sleep_ns(length);
    check(setsockopt(file, SOL_SOCKET, SO_DETACH_FILTER, &filter, sizeof filter), "SO_DETACH_FILTER");
}

static void transfer(int file, bool sends, uint64_t *waited) {
    char byte = 'x';
    uint64_t before = now_ns();
    if ((sends ? send(file, &byte, 1, 0) : recv(file, &byte, 1, 0)) != 1)
        fail(sends ? "send" : "recv");
    *waited += now_ns() - before;
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS LOSS_MS");
    uint64_t rounds = (uint64_t)number(argc, argv, 1, 0);
    uint64_t loss = (uint64_t)number(argc, argv, 2, 0) * MS;
    begin("lost_packets");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, own = {};
    socklen_t length = sizeof address;
    int listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(bind(listener, (struct sockaddr *)&address, length), "bind");
    check(getsockname(listener, (struct sockaddr *)&address, &length), "getsockname");
    check(listen(listener, 1), "listen");

    pid_t child = check(fork(), "fork");
    struct truth truth = truth_begin(child == 0 ? "client" : "server");
    uint64_t unused = 0;
    if (child == 0) {
        int file = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
        check(connect(file, (struct sockaddr *)&address, length), "connect");
        check(getsockname(file, (struct sockaddr *)&own, &length), "getsockname");
        for (; truth.rounds < rounds; truth.rounds++) {
            sleep_ns(50 * MS);  // the filter is in its place by then
            transfer(file, true, &unused);
            transfer(file, false, &truth.wait_ns);
        }
        struct tcp_info info = {};
        socklen_t size = sizeof info;
        check(getsockopt(file, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
        say("{\"event\":\"connection\",\"role\":\"client\",\"local_port\":%d,\"peer_port\":%d,\"retransmits\":%u}",
            ntohs(own.sin_port), ntohs(address.sin_port), info.tcpi_total_retrans);
    } else {
        int file = check(accept(listener, NULL, NULL), "accept");
        for (; truth.rounds < rounds; truth.rounds++) {
            lose_for(file, loss);
            transfer(file, false, &truth.wait_ns);
            transfer(file, true, &unused);
        }
        wait_child(child);
    }
    truth_end(&truth);
    return child == 0 ? 0 : end();
}
