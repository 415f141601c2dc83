// Thread "waiter" waits for a mutex (or a condition) that thread "holder" keeps for X ms after the kernel has said that
// the waiter sleeps, N times over.  Barriers between the rounds are waits for futexes too, but for others.
#include "program.h"

#include <stdatomic.h>

static long rounds;
static uint64_t hold_length;
static bool by_condition, hold_by_spinning;

static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long released;
static _Atomic pid_t waiter_tid;
static _Atomic uint64_t asleep_ns;

// Until the waiter sleeps for what the holder has.
static uint64_t follow_futex(void) {
    const void *place = by_condition ? (void *)&changed : (void *)&lock;
    return follow_sleep_at(atomic_load(&waiter_tid), SYS_futex, place, by_condition ? sizeof changed : sizeof lock);
}

static void *hold(void *unused) {
    struct truth truth = truth_begin("holder");
    for (long i = 0; i < rounds; i++) {
        if (!by_condition)
            pthread_mutex_lock(&lock);
        pthread_barrier_wait(&barrier);
        uint64_t seen = follow_futex();
        hold_by_spinning ? spin_ns(hold_length) : sleep_ns(hold_length);
        atomic_fetch_add(&asleep_ns, now_ns() - seen);
        if (by_condition) {
            pthread_mutex_lock(&lock);
            released++;
            pthread_cond_signal(&changed);
        }
        pthread_mutex_unlock(&lock);
        pthread_barrier_wait(&barrier);
        truth.rounds++;
    }
    truth_end(&truth);
    return unused;
}

static void *wait_for_it(void *unused) {
    struct truth truth = truth_begin("waiter");
    atomic_store(&waiter_tid, gettid());
    for (long i = 0; i < rounds; i++) {
        pthread_barrier_wait(&barrier);
        wait_begins(&truth);
        pthread_mutex_lock(&lock);
        while (by_condition && released <= i)
            pthread_cond_wait(&changed, &lock);
        wait_ends(&truth);
        pthread_mutex_unlock(&lock);
        pthread_barrier_wait(&barrier);
        truth.rounds++;
    }
    truth.asleep_ns = atomic_load(&asleep_ns);
    truth_end(&truth);
    return unused;
}

int main(int argc, char **argv) {
    usage(argc, 2, "ROUNDS HOLD_MS [mutex|condition [sleep|spin]]");
    rounds = number(argc, argv, 1, 0);
    hold_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    by_condition = argc > 3 && strcmp(argv[3], "condition") == 0;
    hold_by_spinning = argc > 4 && strcmp(argv[4], "spin") == 0;
    begin("futex_pair");
    say("{\"event\":\"futex\",\"mutex\":\"%p\",\"condition\":\"%p\"}", (void *)&lock, (void *)&changed);

    pthread_barrier_init(&barrier, NULL, 2);
    pthread_t holder = start_thread(hold, NULL), waiter = start_thread(wait_for_it, NULL);
    pthread_join(holder, NULL);
    pthread_join(waiter, NULL);
    return end();
}
