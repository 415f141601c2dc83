// N threads wait for one futex; the first thread wakes them all at once, X ms after the kernel has said of each that it
// sleeps, R times over.  Above 256 threads they do not print their truth: the sums have a line of their own, where
// "rounds" are those in which a thread did sleep.
#include "resource.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>

static uint64_t rounds;
static long threads;
static _Atomic uint32_t crowd_word, arrived;
static _Atomic uint64_t waited_ns, slept;
static _Atomic pid_t *tids;

static void futex(_Atomic uint32_t *word, int operation, uint32_t value) {
    syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void *wait_in_crowd(void *tid) {
    struct truth truth = truth_begin("waiter");
    atomic_store((_Atomic pid_t *)tid, gettid());
    for (; truth.rounds < rounds; truth.rounds++) {
        atomic_fetch_add(&arrived, 1);
        wait_begins(&truth);
        while (atomic_load(&crowd_word) <= truth.rounds)
            futex(&crowd_word, FUTEX_WAIT, (uint32_t)truth.rounds);
        wait_ends(&truth);
    }
    atomic_fetch_add(&slept, truth.sleeps);
    atomic_fetch_add(&waited_ns, truth.wait_ns);
    if (threads <= 256)
        truth_end(&truth);
    return NULL;
}

int main(int argc, char **argv) {
    usage(argc, 3, "THREADS ROUNDS WAIT_MS");
    threads = number(argc, argv, 1, 0);
    rounds = (uint64_t)number(argc, argv, 2, 0);
    uint64_t wait_length = (uint64_t)number(argc, argv, 3, 0) * MS;
    begin("futex_crowd");
    struct resource resource = {.kind = "futex", .address = &crowd_word, .waker_tid = gettid()};
    say_resource(&resource);

    tids = calloc((size_t)threads, sizeof *tids);
    pthread_t *started = calloc((size_t)threads, sizeof *started);
    for (long i = 0; i < threads; i++)
        started[i] = start_thread(wait_in_crowd, (void *)&tids[i]);
    struct truth truth = truth_begin("waker");
    for (; truth.rounds < rounds; truth.rounds++) {
        while (atomic_load(&arrived) < (uint64_t)threads * (truth.rounds + 1))
            sleep_ns(MS);
        for (long i = 0; i < threads; i++)
            follow_sleep_at(atomic_load(&tids[i]), SYS_futex, (void *)&crowd_word, sizeof crowd_word);
        sleep_ns(wait_length);
        atomic_store(&crowd_word, (uint32_t)truth.rounds + 1);
        futex(&crowd_word, FUTEX_WAKE, INT_MAX);
    }
    for (long i = 0; i < threads; i++)
        pthread_join(started[i], NULL);
    truth_end(&truth);
    say("{\"event\":\"threads\",\"threads\":%ld,\"rounds\":%llu,\"wait_ns\":%llu}", threads,
        (unsigned long long)slept, (unsigned long long)waited_ns);
    free(started);
    free((void *)tids);
    return end();
}
