// N children, at most C at a time, each busy for L us and then gone.  Every tenth child does it with two
// more threads when THREADED is 1.  The sums are what the children measured of themselves, so they miss
// the microseconds of being created and torn down; cpu_ns is the kernel's account and misses nothing.
#include "program.h"

#include <stdatomic.h>
#include <sys/mman.h>

struct sums {
    _Atomic uint64_t processes, threads, alive_ns;
};

static struct sums *sums;
static uint64_t life;

static void *live(void *unused) {
    uint64_t start = now_ns();
    spin_ns(life);
    atomic_fetch_add(&sums->threads, 1);
    atomic_fetch_add(&sums->alive_ns, now_ns() - start);
    return unused;
}

static void be_child(bool threaded) {
    pthread_t others[2];
    atomic_fetch_add(&sums->processes, 1);
    for (int i = 0; threaded && i < 2; i++)
        others[i] = start_thread(live, NULL);
    live(NULL);
    for (int i = 0; threaded && i < 2; i++)
        pthread_join(others[i], NULL);
    _exit(0);
}

int main(int argc, char **argv) {
    usage(argc, 2, "CHILDREN LIFE_US [AT_ONCE [THREADED]]");
    long children = number(argc, argv, 1, 0);
    life = (uint64_t)number(argc, argv, 2, 0) * 1000;
    long at_once = number(argc, argv, 3, 2), threaded = number(argc, argv, 4, 0);
    sums = mmap(NULL, sizeof *sums, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (sums == MAP_FAILED)
        fail("mmap");
    begin("fork_storm");

    struct truth truth = truth_begin("parent");
    for (long running = 0; truth.rounds < (uint64_t)children || running > 0;) {
        if (truth.rounds < (uint64_t)children && running < at_once) {
            if (check(fork(), "fork") == 0)
                be_child(threaded && truth.rounds % 10 == 0);
            truth.rounds++;
            running++;
        } else {
            uint64_t before = now_ns();
            check(wait(NULL), "wait");
            truth.wait_ns += now_ns() - before;
            running--;
        }
    }
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    uint64_t cpu_us = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000 +
                      (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    truth_end(&truth);
    say("{\"event\":\"children\",\"processes\":%llu,\"threads\":%llu,\"alive_ns\":%llu,\"cpu_ns\":%llu}",
        (unsigned long long)sums->processes, (unsigned long long)sums->threads,
        (unsigned long long)sums->alive_ns, (unsigned long long)cpu_us * 1000);
    return end();
}
