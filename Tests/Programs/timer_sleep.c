// Waits that only time ends, through the system call of one's choice: N waits of X ms.
#include "program.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/timerfd.h>

static void wait_once(const char *how, long length_ms, int epoll, int timer) {
    struct timeval limit = {.tv_sec = length_ms / 1000, .tv_usec = length_ms % 1000 * 1000};
    struct itimerspec setting = {
        .it_value = {.tv_sec = length_ms / 1000, .tv_nsec = length_ms % 1000 * (long)MS}};
    struct epoll_event event;
    uint64_t expirations;
    if (strcmp(how, "nanosleep") == 0) {
        sleep_ns((uint64_t)length_ms * MS);
    } else if (strcmp(how, "absolute") == 0) {
        uint64_t until = read_clock(CLOCK_REALTIME) + (uint64_t)length_ms * MS;
        struct timespec moment = {
            .tv_sec = (time_t)(until / 1000000000ULL), .tv_nsec = (long)(until % 1000000000ULL)};
        errno = clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &moment, NULL);
        if (errno)
            fail("clock_nanosleep");
    } else if (strcmp(how, "poll") == 0) {
        check(poll(NULL, 0, (int)length_ms), "poll");
    } else if (strcmp(how, "select") == 0) {
        check(select(0, NULL, NULL, NULL, &limit), "select");
    } else if (strcmp(how, "epoll") == 0) {
        check(epoll_wait(epoll, &event, 1, (int)length_ms), "epoll_wait");
    } else if (strcmp(how, "timerfd") == 0) {
        check(timerfd_settime(timer, 0, &setting, NULL), "timerfd_settime");
        if (read(timer, &expirations, sizeof expirations) != sizeof expirations)
            fail("read");
    } else {
        usage(0, 0, "ROUNDS WAIT_MS nanosleep|absolute|poll|select|epoll|timerfd");
    }
}

int main(int argc, char **argv) {
    usage(argc, 3, "ROUNDS WAIT_MS nanosleep|absolute|poll|select|epoll|timerfd");
    uint64_t rounds = (uint64_t)number(argc, argv, 1, 0);
    long length_ms = number(argc, argv, 2, 0);
    begin("timer_sleep");

    int epoll = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    int timer = check(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC), "timerfd_create");
    struct truth truth = truth_begin(argv[3]);
    for (; truth.rounds < rounds; truth.rounds++) {
        wait_begins(&truth);
        wait_once(argv[3], length_ms, epoll, timer);
        wait_ends(&truth);
    }
    truth_end(&truth);
    return end();
}
