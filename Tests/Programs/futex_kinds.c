// Futex waits of one's choice between two threads, N waits of X ms:
//   private    FUTEX_WAIT on private memory
//   bitset     FUTEX_WAIT_BITSET with a timeout, which ends it: nobody wakes it
//   pi         FUTEX_LOCK_PI, of a mutex with priority inheritance that the waker holds
//   requeue    FUTEX_CMP_REQUEUE: after X ms the waiter is moved to `second_word`, after X more it is woken
//              there; so each wait takes 2 X
//   waitv      futex_waitv on two words, of which the second is woken
//   join       pthread_join, which waits with a shared operation on private memory; the kernel wakes it when
//              the thread ends.  Each round has a thread of its own, and a line that says which
#include "pair.h"

#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

static _Atomic uint32_t first_word, second_word;
static _Atomic uint64_t armed;
static pthread_mutex_t inherited;
static pthread_t joined;
static _Atomic(void *) joined_address;
static _Atomic pid_t joined_tid;
static uint64_t joins;

static long futex(_Atomic uint32_t *word, int operation, uint32_t value, const void *more,
                  _Atomic uint32_t *other, uint32_t compared) {
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, more, other, compared);
}

static void wait_private(uint64_t round) {
    while (atomic_load(&first_word) <= round)
        futex(&first_word, FUTEX_WAIT, (uint32_t)round, NULL, NULL, 0);
}

static void wake_private(uint64_t round) {
    atomic_store(&first_word, (uint32_t)round + 1);
    futex(&first_word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void wait_bitset(uint64_t round) {
    (void)round;
    uint64_t until = read_clock(CLOCK_MONOTONIC) + pair.wait_length;
    struct timespec limit = {
        .tv_sec = (time_t)(until / 1000000000ULL), .tv_nsec = (long)(until % 1000000000ULL)};
    if (futex(&first_word, FUTEX_WAIT_BITSET, 0, &limit, NULL, FUTEX_BITSET_MATCH_ANY) != -1 ||
        errno != ETIMEDOUT)
        fail("futex wait bitset");
}

static void arm_pi(uint64_t round) {
    pthread_mutex_lock(&inherited);
    atomic_store(&armed, round + 1);
}

static void prepare_pi(uint64_t round) {
    while (atomic_load(&armed) <= round)
        sleep_ns(50000);
}

static void wait_pi(uint64_t round) {
    (void)round;
    pthread_mutex_lock(&inherited);
    pthread_mutex_unlock(&inherited);
}

static void wake_pi(uint64_t round) {
    (void)round;
    pthread_mutex_unlock(&inherited);
}

static void wait_requeued(uint64_t round) {
    while (atomic_load(&second_word) <= round)
        futex(&first_word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static void requeue_and_wake(uint64_t round) {
    // Both counts are those of waiters: none is woken now, one is moved.
    while (futex(&first_word, FUTEX_CMP_REQUEUE, 0, (void *)1, &second_word, 0) != 1)
        sleep_ns(50000);
    sleep_ns(pair.wait_length);
    atomic_store(&second_word, (uint32_t)round + 1);
    futex(&second_word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void wait_for_two(uint64_t round) {
    struct futex_waitv both[2] = {
        {.val = 0, .uaddr = (uintptr_t)&first_word, .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG},
        {.val = round, .uaddr = (uintptr_t)&second_word, .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG},
    };
    while (atomic_load(&second_word) <= round)
        syscall(SYS_futex_waitv, both, 2, 0, NULL, CLOCK_MONOTONIC);
}

static void wake_second(uint64_t round) {
    atomic_store(&second_word, (uint32_t)round + 1);
    futex(&second_word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *sleep_and_end(void *unused) {
    void *address = NULL;
    prctl(PR_GET_TID_ADDRESS, &address);  // left at NULL by kernels without CONFIG_CHECKPOINT_RESTORE
    atomic_store(&joined_address, address);
    atomic_store(&joined_tid, gettid());
    follow_prepared(++joins);
    follow_waiter(SYS_futex);
    return unused;
}

static void start_joined(uint64_t round) {
    (void)round;
    atomic_store(&joined_tid, 0);
    joined = start_thread(sleep_and_end, NULL);
    while (!atomic_load(&joined_tid))
        sched_yield();
    struct resource resource = {
        .kind = "futex", .address = atomic_load(&joined_address), .waker_tid = atomic_load(&joined_tid)};
    say_resource(&resource);
}

static void join(uint64_t round) {
    (void)round;
    pthread_join(joined, NULL);
}

int main(int argc, char **argv) {
    const char *text = "ROUNDS WAIT_MS private|bitset|pi|requeue|waitv|join";
    usage(argc, 3, text);
    pair.rounds = (uint64_t)number(argc, argv, 1, 0);
    pair.wait_length = (uint64_t)number(argc, argv, 2, 0) * MS;
    pair.in_threads = true;
    pair.call = SYS_futex;
    pair.resource = (struct resource){.kind = "futex", .address = &first_word};
    const char *how = argv[3];
    if (strcmp(how, "private") == 0) {
        pair.wait = wait_private, pair.wake = wake_private;
    } else if (strcmp(how, "bitset") == 0) {
        pair.wait = wait_bitset, pair.resource.waker_kind = "timer";
    } else if (strcmp(how, "pi") == 0) {
        pthread_mutexattr_t attributes;
        pthread_mutexattr_init(&attributes);
        pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
        pthread_mutex_init(&inherited, &attributes);
        pair.arm = arm_pi, pair.prepare = prepare_pi, pair.wait = wait_pi, pair.wake = wake_pi;
        pair.resource.address = &inherited;
    } else if (strcmp(how, "requeue") == 0) {
        pair.wait = wait_requeued, pair.wake = requeue_and_wake;
    } else if (strcmp(how, "waitv") == 0) {
        pair.wait = wait_for_two, pair.wake = wake_second, pair.call = SYS_futex_waitv;
        pair.resource.address = &second_word;
    } else if (strcmp(how, "join") == 0) {
        pair.prepare = start_joined, pair.wait = join, pair.resource.kind = NULL;
    } else {
        usage(0, 0, text);
    }
    begin("futex_kinds");
    say("{\"event\":\"words\",\"first\":\"%p\",\"second\":\"%p\"}", (void *)&first_word,
        (void *)&second_word);
    return run_pair();
}
