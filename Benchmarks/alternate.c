// Asks a Redis in every other slice of time, so that two of them can be compared on a machine whose speed drifts:
//
//   alternate PORT PHASE SLICE_MS SECONDS CLIENTS DEPTH
//
// Time is cut into slices of SLICE_MS, the same for all that run this.  Of each four, phase 0 has the first and the last,
// phase 1 the two between.  Like redis-benchmark, one thread sends DEPTH requests (GET) over each of CLIENTS connections,
// and the next as soon as they are all answered.  Prints for each slice its number, how many requests were answered, and
// within how many nanoseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ULL
#define REQUEST "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"
#define ANSWER "$-1\r\n"  // there is no such key
enum { MOST_CLIENTS = 64, MOST_DEPTH = 64 };

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static int check(int result, const char *what) {
    if (result == -1) {
        fprintf(stderr, "alternate: %s: %s\n", what, strerror(errno));
        exit(1);
    }
    return result;
}

static int clients, depth, poller;
static char requests[MOST_DEPTH * sizeof REQUEST];
static struct {
    int connection;
    size_t awaited;  // bytes of the answers
} client[MOST_CLIENTS];

static void connect_all(uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    poller = check(epoll_create1(0), "epoll_create1");
    for (int i = 0; i < clients; i++) {
        int one = 1, connection = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
        check(connect(connection, (struct sockaddr *)&address, sizeof address), "connect");
        check(setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "setsockopt");
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        check(epoll_ctl(poller, EPOLL_CTL_ADD, connection, &event), "epoll_ctl");
        client[i].connection = connection;
    }
}

static void ask(int i) {
    size_t length = strlen(REQUEST) * (size_t)depth;
    if (check((int)write(client[i].connection, requests, length), "write") != (int)length) {
        fprintf(stderr, "alternate: the server does not read\n");
        exit(1);
    }
    client[i].awaited = strlen(ANSWER) * (size_t)depth;
}

// Asks until `until`, and then waits for the last answers.  Returns how many there were.
static uint64_t ask_until(uint64_t until) {
    uint64_t answered = 0;
    int waiting = clients;
    for (int i = 0; i < clients; i++)
        ask(i);
    while (waiting > 0) {
        struct epoll_event events[MOST_CLIENTS];
        int ready = check(epoll_wait(poller, events, MOST_CLIENTS, 5000), "epoll_wait");
        if (ready == 0) {
            fprintf(stderr, "alternate: no answer within 5 s\n");
            exit(1);
        }
        for (int e = 0; e < ready; e++) {
            int i = (int)events[e].data.u32;
            char answer[4096];
            int length = check((int)read(client[i].connection, answer, sizeof answer), "read");
            if (length == 0) {
                fprintf(stderr, "alternate: the server closed a connection\n");
                exit(1);
            }
            client[i].awaited -= (size_t)length;
            if (client[i].awaited)
                continue;
            answered += (uint64_t)depth;
            if (now_ns() < until)
                ask(i);
            else
                waiting--;
        }
    }
    return answered;
}

int main(int argc, char **argv) {
    if (argc != 7) {
        fprintf(stderr, "usage: alternate PORT PHASE SLICE_MS SECONDS CLIENTS DEPTH\n");
        return 2;
    }
    unsigned phase = (unsigned)atoi(argv[2]);
    uint64_t slice_ns = (uint64_t)atoi(argv[3]) * MS;
    clients = atoi(argv[5]);
    depth = atoi(argv[6]);
    if (clients < 1 || clients > MOST_CLIENTS || depth < 1 || depth > MOST_DEPTH || slice_ns < 20 * MS) {
        fprintf(stderr, "alternate: at most %d clients, a depth of %d, slices of at least 20 ms\n", MOST_CLIENTS, MOST_DEPTH);
        return 2;
    }
    for (int i = 0; i < depth; i++)
        strcat(requests, REQUEST);
    connect_all((uint16_t)atoi(argv[1]));

    uint64_t last = (now_ns() + (uint64_t)atoi(argv[4]) * 1000 * MS) / slice_ns;
    for (uint64_t slice = now_ns() / slice_ns + 1; slice < last; slice++) {
        unsigned quarter = slice & 3;
        if ((quarter == 1 || quarter == 2) != (phase == 1))
            continue;
        // Some time apart: the other's last answers are not to fall into this slice.
        uint64_t begin = slice * slice_ns + 4 * MS, end = (slice + 1) * slice_ns - 4 * MS;
        struct timespec at = {.tv_sec = (time_t)(begin / 1000000000ULL), .tv_nsec = (long)(begin % 1000000000ULL)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
            ;
        uint64_t answered = ask_until(end);
        printf("%llu %llu %llu\n", (unsigned long long)slice, (unsigned long long)answered,
               (unsigned long long)(now_ns() - begin));
    }
    return 0;
}
