// A thread's state machine: who claims which nanosecond.
//
// A thread's state, the time since when it is in it and the bank that it counts into are one 64-bit word, which is
// changed by compare-and-swap only.  Whoever moves the word (a switch, a waking, a wakeup, each on some CPU, or the task
// iterator at a tick) owns the time between the old stamp and the new one, and nobody else does.  So each nanosecond is
// claimed exactly once, without a lock.
//
// A waker often comes while the thread is still on its way to sleep: then the word remembers that, and the wait that
// begins is over at once and has a waker.  Two tests one after the other ("is it blocked? else is it on a CPU?") would be
// a race; so an event is a table of what each state leads to.
#ifndef STALL_TRANSITIONS_H
#define STALL_TRANSITIONS_H

#include "state.bpf.h"

enum { WORD_STATE_MASK = 7, WORD_BANK = 8, WORD_SHIFT = 4 };

// What a state leads to, in four bits for each state; nothing where the event does not concern it.
#define FROM(state, to) ((__u32)STALL_STATE_##to << 4 * STALL_STATE_##state)
#define FROM_ALL(to)                                                                                             \
    (FROM(ON_CPU, to) | FROM(RUN_QUEUE, to) | FROM(BLOCKED, to) | FROM(WAKING, to) | FROM(ON_CPU_WOKEN, to) |     \
     FROM(RUN_QUEUE_WOKEN, to))
#define FROM_UNWOKEN(to) (FROM(ON_CPU, to) | FROM(RUN_QUEUE, to) | FROM(BLOCKED, to) | FROM(WAKING, to))

// It leaves its CPU and is blocked, is still runnable, or has ended.
#define LEAVES_BLOCKED (FROM_UNWOKEN(BLOCKED) | FROM(ON_CPU_WOKEN, WAKING) | FROM(RUN_QUEUE_WOKEN, WAKING))
#define LEAVES_RUNNABLE                                                                                          \
    (FROM_UNWOKEN(RUN_QUEUE) | FROM(ON_CPU_WOKEN, RUN_QUEUE_WOKEN) | FROM(RUN_QUEUE_WOKEN, RUN_QUEUE_WOKEN))
#define ENDS FROM_ALL(ENDED)
// It is given a CPU.
#define ARRIVES (FROM_UNWOKEN(ON_CPU) | FROM(ON_CPU_WOKEN, ON_CPU_WOKEN) | FROM(RUN_QUEUE_WOKEN, ON_CPU_WOKEN))
// Somebody wakes it (sched_waking), and it is in a run queue (sched_wakeup): if it never slept, that waker ended nothing.
#define IS_WOKEN (FROM(BLOCKED, WAKING) | FROM(ON_CPU, ON_CPU_WOKEN) | FROM(RUN_QUEUE, RUN_QUEUE_WOKEN))
#define IS_QUEUED                                                                                                \
    (FROM(WAKING, RUN_QUEUE) | FROM(BLOCKED, RUN_QUEUE) | FROM(ON_CPU_WOKEN, ON_CPU) |                            \
     FROM(RUN_QUEUE_WOKEN, RUN_QUEUE))

static __always_inline __u32 state_of(__u64 word)
{
    return word & WORD_STATE_MASK;
}

static __always_inline __u64 since_of(__u64 word)
{
    return word >> WORD_SHIFT;
}

static __always_inline __u32 bank_of(__u64 word)
{
    return word & WORD_BANK ? 1 : 0;
}

static __always_inline bool is_on_cpu(__u64 word)
{
    return state_of(word) == STALL_STATE_ON_CPU || state_of(word) == STALL_STATE_ON_CPU_WOKEN;
}

static __always_inline bool is_off_cpu(__u64 word)
{
    return word && state_of(word) != STALL_STATE_ENDED && !is_on_cpu(word);
}

// Between these two a program changes the account.  The iterator takes a bank only when nobody is at work on it.
//
// `by` is the thread's `switching` or `waking`.  A thread is switched by one CPU at a time, and woken by one, as the
// kernel's locks have it; so both are plain stores.  That the first is seen before the word that is exchanged next, and
// the second after all that was booked, is what x86 promises.
static __always_inline void begin_booking(__u32 *by)
{
    *(volatile __u32 *)by = 1;
    barrier();
}

static __always_inline void end_booking(__u32 *by)
{
    barrier();
    *(volatile __u32 *)by = 0;
}

static __always_inline bool is_booked(struct thread *thread)
{
    return *(volatile __u32 *)&thread->switching || *(volatile __u32 *)&thread->waking;
}

// More can hardly come between: the iterator, a waker and a switch.
enum { MOVE_TRIES = 5 };

// A thread that is woken while it runs, or waits for its turn, goes on doing so: nobody claims its time then.
static __always_inline bool ends_state(__u32 event, __u64 old)
{
    return (event != IS_WOKEN && event != IS_QUEUED) || state_of(old) == STALL_STATE_BLOCKED ||
           state_of(old) == STALL_STATE_WAKING;
}

// Moves the word on at `*now`, which becomes later if another CPU has stamped after the caller read its clock.
// Returns the word before, whose time up to `*now` is the caller's if that state has ended; 0 if the event does not
// concern the thread.
static __always_inline __u64 move_on(struct thread *thread, __u32 event, __u64 *now)
{
    for (int i = 0; i < MOVE_TRIES; i++) {
        __u64 old = *(volatile __u64 *)&thread->word;
        __u64 state = event >> 4 * state_of(old) & 15;
        if (!state)
            return 0;
        if (*now < since_of(old))
            *now = since_of(old);
        __u64 since = ends_state(event, old) ? *now : since_of(old);
        __u64 next = since << WORD_SHIFT | (old & WORD_BANK) | state;
        if (__sync_val_compare_and_swap(&thread->word, old, next) == old)
            return old;
    }
    lost(STALL_LOSS_RACE);
    return 0;
}

// The account of a thread begins.
static __always_inline void begin(struct task_struct *task, struct thread *thread, __u64 state, __u64 now)
{
    __u64 bank = control.tick & 1;
    thread->off_since = thread->woken_at = thread->queued_at = thread->burst_start = now;
    thread->preempted = state != STALL_STATE_BLOCKED;
    thread->ran_before = task->se.sum_exec_runtime;
    thread->bank[bank].from = now;
    __sync_val_compare_and_swap(&thread->word, 0, now << WORD_SHIFT | (bank ? WORD_BANK : 0) | state);
}
#endif
