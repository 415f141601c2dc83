// N threads wait for one futex; the first thread wakes them all at once after X ms, R times over.  Above 256
// threads they do not print their truth: the sums have a line of their own, where "rounds" are those in which a
// thread did sleep.
#include "resource.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>

static uint64_t rounds;
static long threads;
static _Atomic uint32_t crowd_word, arrived;
static _Atomic uint64_t waited_ns, slept;

static void futex(_Atomic uint32_t *word, int operation, uint32_t value) {
    syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static void *wait_in_crowd(void *unused) {
    struct truth truth = truth_begin("waiter");
    for (; truth.rounds < rounds; truth.rounds++) {
        atomic_fetch_add(&arrived, 1);
        uint64_t before = now_ns();
        long switches = voluntary_switches();
        while (atomic_load(&crowd_word) <= truth.rounds)
            futex(&crowd_word, FUTEX_WAIT, (uint32_t)truth.rounds);
        truth.wait_ns += now_ns() - before;
        atomic_fetch_add(&slept, voluntary_switches() != switches);
    }
    atomic_fetch_add(&waited_ns, truth.wait_ns);
    if (threads <= 256)
        truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 3, "THREADS ROUNDS WAIT_MS");
    threads = number(argc, argv, 1, 0);
    rounds = (uint64_t)number(argc, argv, 2, 0);
    uint64_t wait_length = (uint64_t)number(argc, argv, 3, 0) * MS;
    begin("futex_crowd");
    struct resource resource = {.kind = "futex", .address = &crowd_word, .waker_tid = gettid()};
    say_resource(&resource);

    pthread_t *started = calloc((size_t)threads, sizeof *started);
    for (long i = 0; i < threads; i++)
        started[i] = start_thread(wait_in_crowd, NULL);
    struct truth truth = truth_begin("waker");
    for (; truth.rounds < rounds; truth.rounds++) {
        while (atomic_load(&arrived) < (uint64_t)threads * (truth.rounds + 1))
            sleep_ns(MS);
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
    return end();
}
