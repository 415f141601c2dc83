// N threads wait for a mutex whose holder, when the kernel says that all of them sleep, waits on a pipe for a child process that computes for X ms, R times over:
//
//   lock_chain N ROUNDS COMPUTE_MS
//   lock_chain deadlock
//
// With `deadlock`, two threads lock each other out after 300 ms, and the program goes on until it is killed.
#include "program.h"

#include <stdatomic.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t begun, held, over;
static long rounds;
static int asks[2], answers[2];
static _Atomic pid_t *tids;
static _Atomic uint64_t asleep_ns;

static void *wait_for_mutex(void *tid) {
    pthread_setname_np(pthread_self(), "waiter");
    struct truth truth = truth_begin("waiter");
    atomic_store((_Atomic pid_t *)tid, gettid());
    for (; truth.rounds < (uint64_t)rounds; truth.rounds++) {
        pthread_barrier_wait(&held);
        wait_begins(&truth);
        pthread_mutex_lock(&mutex);
        wait_ends(&truth);
        pthread_mutex_unlock(&mutex);
        pthread_barrier_wait(&over);
    }
    truth.asleep_ns = atomic_load(&asleep_ns);
    truth_end(&truth);
    return NULL;
}

static void compute_for_others(uint64_t length) {
    char byte;
    close(asks[1]);
    pthread_setname_np(pthread_self(), "computes");
    while (read(asks[0], &byte, 1) == 1) {
        spin_ns(length);
        if (write(answers[1], &byte, 1) != 1)
            fail("write");
    }
    _exit(0);
}

static void *lock_both(void *first) {
    pthread_mutex_t *mine = first, *wanted = mine == &mutex ? &other : &mutex;
    pthread_mutex_lock(mine);
    pthread_barrier_wait(&begun);
    sleep_ns(300 * MS);
    pthread_mutex_lock(wanted);
    return first;
}

static int lock_each_other_out(void) {
    pthread_barrier_init(&begun, NULL, 2);
    pthread_t one = start_thread(lock_both, &mutex);
    start_thread(lock_both, &other);
    pthread_join(one, NULL);
    return end();
}

int main(int argc, char **argv) {
    usage(argc, 1, "N ROUNDS COMPUTE_MS | deadlock");
    begin("lock_chain");
    if (!strcmp(argv[1], "deadlock"))
        return lock_each_other_out();
    unsigned count = (unsigned)number(argc, argv, 1, 1);
    rounds = number(argc, argv, 2, 1);
    uint64_t length = (uint64_t)number(argc, argv, 3, 1) * MS;
    check(pipe(asks), "pipe");
    check(pipe(answers), "pipe");
    pid_t child = check(fork(), "fork");
    if (child == 0)
        compute_for_others(length);
    pthread_barrier_init(&held, NULL, count + 1);
    pthread_barrier_init(&over, NULL, count + 1);
    tids = calloc(count, sizeof *tids);
    pthread_t *threads = calloc(count, sizeof *threads);
    for (unsigned i = 0; i < count; i++)
        threads[i] = start_thread(wait_for_mutex, (void *)&tids[i]);
    for (long round = 0; round < rounds; round++) {
        char byte = 1;
        pthread_mutex_lock(&mutex);
        pthread_barrier_wait(&held);
        for (unsigned i = 0; i < count; i++)
            follow_sleep_at(atomic_load(&tids[i]), SYS_futex, (void *)&mutex, sizeof mutex);
        uint64_t seen = now_ns();
        if (write(asks[1], &byte, 1) != 1 || read(answers[0], &byte, 1) != 1)
            fail("the child's pipe");
        atomic_fetch_add(&asleep_ns, now_ns() - seen);
        pthread_mutex_unlock(&mutex);
        pthread_barrier_wait(&over);
    }
    for (unsigned i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    close(asks[1]);  // the end of the child's input
    wait_child(child);
    return end();
}
