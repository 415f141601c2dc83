// Two parties: the "waiter" waits R times, and the "waker" ends each of its waits, X ms after the kernel has said
// that the waiter sleeps, so that each wait takes X ms at least and none is missing.  The waker ends after the last
// wait, so that nothing closes too early.
//
// They are two processes, of which the waiter is the parent, or two threads, of which the waiter is the
// first.  Without a `wake` there is no waker: something else ends the waits.  With PAIR_FILE in the environment the
// two may be started one by one: it names what they share, a file that is there.
#pragma once
#include "resource.h"

#include <stdatomic.h>
#include <sys/mman.h>

struct pair {
    uint64_t rounds, wait_length;
    int call;  // in which the waiter sleeps; ANY_CALL where the C library chooses it
    // Without a waker: it goes on, for up to 20 times the rounds, until it has slept in so many.  A fast disk may be
    // done before the waiter has given up its CPU.
    uint64_t sleeps;
    bool in_threads;
    struct resource resource;
    // Each is called by its own party, those with a number in every round; all but `wait` may be NULL.
    void (*waiter_begins)(void);
    void (*waker_begins)(void);
    void (*prepare)(uint64_t round);  // before the wait, and not a part of its time
    void (*wait)(uint64_t round);
    void (*conclude)(uint64_t round);  // after the wait, and not a part of its time
    void (*arm)(uint64_t round);   // before the waker sleeps
    void (*wake)(uint64_t round);  // after it
};

static struct pair pair;
static _Atomic pid_t pair_waker_tid;
// Rounds that the waiter has prepared, and those that it is through with, in memory of both; NULL where the
// two were started one by one.
static struct {
    _Atomic uint64_t prepared, waited, asleep_ns;
    _Atomic pid_t waiter_tid;
} * pair_progress;

// The waiter sleeps, and what ends its sleep follows when this returns.
static inline void follow_waiter(int call) {
    uint64_t seen = follow_sleep(atomic_load(&pair_progress->waiter_tid), call);
    sleep_ns(pair.wait_length);
    atomic_fetch_add(&pair_progress->asleep_ns, now_ns() - seen);
}

static inline void follow_prepared(uint64_t rounds) {
    while (pair_progress && atomic_load(&pair_progress->prepared) < rounds)
        sleep_ns(200000);
}

static inline void follow_waited(uint64_t rounds) {
    while (pair_progress && atomic_load(&pair_progress->waited) < rounds)
        sleep_ns(200000);
}

static inline void *be_waker(void *unused) {
    struct truth truth = truth_begin("waker");
    atomic_store(&pair_waker_tid, gettid());
    if (pair.waker_begins)
        pair.waker_begins();
    for (; truth.rounds < pair.rounds; truth.rounds++) {
        follow_waited(truth.rounds);
        if (pair.arm)
            pair.arm(truth.rounds);
        follow_prepared(truth.rounds + 1);
        pair_progress ? follow_waiter(pair.call) : sleep_ns(pair.wait_length);
        pair.wake(truth.rounds);
    }
    follow_waited(pair.rounds);
    truth_end(&truth);
    return unused;
}

static inline void be_waiter(void) {
    struct truth truth = truth_begin("waiter");
    if (pair_progress)
        atomic_store(&pair_progress->waiter_tid, gettid());
    if (pair.waiter_begins)
        pair.waiter_begins();
    while (pair.in_threads && pair.wake && !atomic_load(&pair_waker_tid))
        sched_yield();
    pair.resource.waker_tid = atomic_load(&pair_waker_tid);
    if (pair.resource.kind)
        say_resource(&pair.resource);
    uint64_t most = pair.rounds * (pair.sleeps ? 20 : 1);
    for (; truth.rounds < pair.rounds || (truth.sleeps < pair.sleeps && truth.rounds < most); truth.rounds++) {
        if (pair.prepare)
            pair.prepare(truth.rounds);
        if (pair_progress)
            atomic_store(&pair_progress->prepared, truth.rounds + 1);
        wait_begins(&truth);
        pair.wait(truth.rounds);
        wait_ends(&truth);
        if (pair.conclude)
            pair.conclude(truth.rounds);
        if (pair_progress)
            atomic_store(&pair_progress->waited, truth.rounds + 1);
    }
    truth.asleep_ns = pair_progress ? atomic_load(&pair_progress->asleep_ns) : 0;
    truth_end(&truth);
}

static inline void share_progress(const char *path) {
    int file = path ? check(open(path, O_RDWR | O_CLOEXEC), path) : -1;
    if (path)
        check(ftruncate(file, sizeof *pair_progress), path);
    int flags = path ? MAP_SHARED : MAP_SHARED | MAP_ANONYMOUS;
    pair_progress = mmap(NULL, sizeof *pair_progress, PROT_READ | PROT_WRITE, flags, file, 0);
    if (pair_progress == MAP_FAILED)
        fail("mmap");
    if (path)
        close(file);
}

// Runs both parties; the result is main's.
static inline int run_pair(void) {
    share_progress(NULL);
    if (!pair.wake) {
        be_waiter();
    } else if (pair.in_threads) {
        pthread_t waker = start_thread(be_waker, NULL);
        be_waiter();
        pthread_join(waker, NULL);
    } else {
        pid_t child = check(fork(), "fork");
        if (child == 0) {
            be_waker(NULL);
            _exit(0);
        }
        atomic_store(&pair_waker_tid, child);
        be_waiter();
        wait_child(child);
    }
    return end();
}

static inline void put_byte(int file) {
    if (write(file, "x", 1) != 1)
        fail("write");
}

static inline void take_byte(int file) {
    char byte;
    if (read(file, &byte, 1) != 1)
        fail("read");
}
