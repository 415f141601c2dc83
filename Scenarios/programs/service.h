// What the programs of the scenarios share.  Each is a small service whose way to be slow is known:
//
//   PROGRAM PORT WORKERS [ARGUMENT...]
//
// With a port it listens on loopback and gives each connection a thread of its own; a request is a line, and so is its answer.
// With port 0 it has no connections: its WORKERS threads do units of work by themselves, 2 ms apart.  A program implements
//
//   void unit(void);    one unit of work, on whichever worker's thread
//   void fault(void);   called once, on a thread of its own, when SIGUSR1 arrives
//
// The first lines on stdout say who is who, "thread ROLE TID".  Without connections, and from `client` otherwise, come
// lines "END_NS COUNT TOTAL_NS" ten times a second: the time (since the Unix epoch) at which a stretch ended, the units
// that were completed in it, and how long they took together.
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ULL

void unit(void);
void fault(void);

__attribute__((noreturn)) static inline void fail(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
    _exit(1);
}

static inline int check(int result, const char *what) {
    if (result == -1)
        fail(what);
    return result;
}

static inline uint64_t read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000ULL + (uint64_t)t.tv_nsec;
}

static inline void sleep_ns(uint64_t length) {
    struct timespec t = {.tv_sec = (time_t)(length / 1000000000ULL), .tv_nsec = (long)(length % 1000000000ULL)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
        ;
}

// Computes for this long by the thread's own CPU time, so that who is kept from running does no less.
static inline void compute_ns(uint64_t length) {
    for (uint64_t until = read_clock(CLOCK_THREAD_CPUTIME_ID) + length;
         read_clock(CLOCK_THREAD_CPUTIME_ID) < until;)
        ;
}

static inline pthread_t start_thread(void *(*body)(void *), void *argument) {
    pthread_t thread;
    errno = pthread_create(&thread, NULL, body, argument);
    if (errno)
        fail("pthread_create");
    return thread;
}

// Tells who the calling thread is, and names it; the main thread keeps its name, which is that of the process.
static inline void introduce(const char *role) {
    if (gettid() != getpid())
        pthread_setname_np(pthread_self(), role);
    char line[64];
    int length = snprintf(line, sizeof line, "thread %s %d\n", role, gettid());
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        fail("write");
}

// Units that were completed since the last line.
static struct {
    atomic_ullong count, total_ns;
} done;

static inline void completed(uint64_t length) {
    atomic_fetch_add_explicit(&done.count, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&done.total_ns, length, memory_order_relaxed);
}

// Prints them every 100 ms for ever.
__attribute__((noreturn)) static inline void print_units(void) {
    for (;;) {
        sleep_ns(100 * MS);
        unsigned long long count = atomic_exchange(&done.count, 0), total = atomic_exchange(&done.total_ns, 0);
        printf("%llu %llu %llu\n", (unsigned long long)read_clock(CLOCK_REALTIME), count, total);
        fflush(stdout);
    }
}
