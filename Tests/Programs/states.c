// Threads whose states are certain:
//
//   states sleep N MS    one that sleeps N times; a round counts only if the kernel says that it slept
//   states spin          one that computes, without a system call, until the program is killed
//   states move N        one that changes its CPU and sleeps 1 ms, N times; `wait_ns` is the longest of them
//   states turns N       two on two CPUs that wake each other in turn, N times each, through eventfds
//
// `voluntary` in the lines of the first and last is of the rounds alone.
#include "program.h"

#include <sys/eventfd.h>

static uint64_t rounds, length;
static int turns[2];

static void tell(const char *role, long voluntary, uint64_t slept, uint64_t waited)
{
    say("{\"event\":\"thread\",\"role\":\"%s\",\"pid\":%d,\"tid\":%d,\"voluntary\":%ld,\"rounds\":%llu,\"wait_ns\":%llu}",
        role, getpid(), gettid(), voluntary, (unsigned long long)slept, (unsigned long long)waited);
}

static void *sleep_often(void *unused)
{
    uint64_t slept = 0, waited = 0;
    long first = voluntary_switches();
    for (uint64_t i = 0; i < rounds; i++) {
        long before = voluntary_switches();
        uint64_t called = now_ns();
        sleep_ns(length);
        waited += now_ns() - called;
        slept += voluntary_switches() > before;
    }
    tell("sleeper", voluntary_switches() - first, slept, waited);
    return unused;
}

static void *move_often(void *unused)
{
    uint64_t slept = 0, longest = 0;
    long first = voluntary_switches();
    for (uint64_t i = 0; i < rounds; i++) {
        pin_to_cpu((int)(i & 1));
        long before = voluntary_switches();
        uint64_t called = now_ns();
        sleep_ns(MS);
        uint64_t time = now_ns() - called;
        longest = time > longest ? time : longest;
        slept += voluntary_switches() > before;
    }
    tell("mover", voluntary_switches() - first, slept, longest);
    return unused;
}

static void *spin(void *unused)
{
    for (;;)
        asm volatile("");
    return unused;
}

static void *take_turns(void *which)
{
    int me = which != NULL;
    uint64_t value = 1, slept = 0;
    pin_to_cpu(me);
    long first = voluntary_switches();
    for (uint64_t i = 0; i < rounds; i++) {
        long before = voluntary_switches();
        if (write(turns[!me], &value, sizeof value) == -1 || read(turns[me], &value, sizeof value) == -1)
            fail("eventfd");
        slept += voluntary_switches() > before;
    }
    tell(me ? "second" : "first", voluntary_switches() - first, slept, 0);
    return NULL;
}

int main(int argc, char **argv)
{
    usage(argc, 1, "sleep N MS | spin | move N | turns N");
    rounds = (uint64_t)number(argc, argv, 2, 0);
    length = (uint64_t)number(argc, argv, 3, 0) * MS;
    turns[0] = check(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE), "eventfd");
    turns[1] = check(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE), "eventfd");
    begin("states");
    if (strcmp(argv[1], "turns") == 0) {
        pthread_t first = start_thread(take_turns, NULL), second = start_thread(take_turns, argv);
        pthread_join(first, NULL);
        pthread_join(second, NULL);
    } else {
        bool spins = strcmp(argv[1], "spin") == 0, moves = strcmp(argv[1], "move") == 0;
        pthread_join(start_thread(spins ? spin : moves ? move_often : sleep_often, NULL), NULL);
    }
    return end();
}
