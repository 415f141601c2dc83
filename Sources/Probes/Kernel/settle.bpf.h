// The hand-over at a tick, from the task iterator.
#ifndef STALL_SETTLE_H
#define STALL_SETTLE_H

#include "account.bpf.h"
#include "syscalls.bpf.h"

// A switch takes well under a microsecond, so a few looks find the thread between two of them.
#define SETTLE_TRIES 64

const volatile struct stall_sample empty_sample = {};

struct settled {
    __u64 word;  // as it was; 0 if the thread need not be settled
    __u64 now;
    __u64 left;     // when it left the CPU
    __u64 unseen;   // all ones if it was given one again and that went unseen,
    __u64 arrived;  // when, and otherwise `now`
    __u64 queued_before;
    __u64 queued;  // of the time off the CPU that is not accounted for,
    __u64 queued_in_all;  // and of all of it
    bool preempted;
    bool woken;
    struct stall_wait_key wait __attribute__((aligned(8)));  // with what ended it, if it has been woken
};

// A thread's time up to now, which is to be taken for a tick.
struct claim {
    struct task_struct *task;
    struct thread *thread;
    __u64 target;  // the bank that the thread is to count into from now on
    struct settled *settled;
    bool done;
};

static long try_to_claim(__u32 index, struct claim *claim)
{
    struct task_struct *task = claim->task;
    struct thread *thread = claim->thread;
    struct settled *settled = claim->settled;
    __u32 seq = *(volatile __u32 *)&thread->seq;
    __u64 old = *(volatile __u64 *)&thread->word;
    if (!old || (old & WORD_STATE_MASK) == WORD_ENDED || !!(old & WORD_BANK) == claim->target) {
        claim->done = true;
        return 1;
    }
    if (seq & 1)
        return 0;
    __u64 now = scheduler_now();
    // The two clocks are only known to agree within a microsecond.
    settled->now = now > old >> WORD_SHIFT ? now : old >> WORD_SHIFT;
    settled->left = thread->off_since;
    settled->preempted = thread->preempted;
    settled->queued_before = thread->queued_before;
    __u64 queued = queued_time(task, settled->now);
    settled->queued = queued - settled->queued_before;
    settled->queued_in_all = queued - thread->queued_left;
    settled->unseen = unseen_arrival(task, thread, old);
    settled->arrived = settled->now ^ ((settled->now ^ task->sched_info.last_arrival) & settled->unseen);
    settled->woken = settled->queued | task->sched_info.last_queued | settled->unseen;
    wait_key(thread, settled->woken, &settled->wait);
    thread->bank[claim->target ? 1 : 0].from = settled->now;
    __u64 next = settled->now << WORD_SHIFT | (claim->target ? WORD_BANK : 0) | (old & WORD_STATE_MASK);
    if (__sync_val_compare_and_swap(&thread->word, old, next) != old)
        return 0;
    settled->word = old;
    claim->done = true;
    return 1;
}

// Moves the thread to the other bank and claims its time up to now.  The verifier looks at one try, not at all of them.
static __always_inline bool claim(struct task_struct *task, struct thread *thread, __u64 target,
                                  struct settled *settled)
{
    struct claim claim = { .task = task, .thread = thread, .target = target, .settled = settled };
    settled->word = 0;
    bpf_loop(SETTLE_TRIES, try_to_claim, &claim, 0);
    return claim.done;
}

static __always_inline bool is_idle(struct thread *thread, struct stall_sample *bank, struct settled *settled)
{
    return thread->reported && (settled->word & WORD_STATE_MASK) == WORD_OFF && !settled->preempted &&
           !settled->woken && settled->word >> WORD_SHIFT == bank->from;
}

static __always_inline void add_present_state(struct task_struct *task, struct thread *thread, struct stall_sample *bank, __u32 index,
                                              struct settled *settled)
{
    __u64 since = settled->word >> WORD_SHIFT;
    if ((settled->word & WORD_STATE_MASK) == WORD_ON) {
        add_on_cpu(task, thread, bank, settled->now - since);
        bank->state = STALL_STATE_ON_CPU;
        return;
    }
    __u64 until = settled->arrived;
    // 0 if it arrived before the last tick.
    __s64 length = until - since;
    length &= ~(length >> 63);
    struct off_time time = split_off_time(settled->preempted, settled->queued, length);
    if (time.run_queue) {
        __u32 zero = 0;
        struct cpu *cpu = bpf_map_lookup_percpu_elem(&cpus, &zero, cpu_of(task));
        struct queued queued = {
            .from = until - time.run_queue, .to = until, .thread = thread, .cpu = cpu, .bank = index
        };
        if (cpu)
            charge_occupants(task, &queued);
    }
    // Unless the thread has been given a CPU meanwhile, which then has taken all of it.
    __sync_val_compare_and_swap(&thread->queued_before, settled->queued_before,
                                settled->queued_before + settled->queued);
    add_off_time(bank, time, settled->wait.flags);
    bank->state = settled->preempted || settled->woken ? STALL_STATE_RUN_QUEUE : STALL_STATE_BLOCKED;
    bank->waiting = settled->wait;
    bank->preempted = settled->preempted;
    bank->left = settled->left;
    bank->queued = settled->queued_in_all;
    if (time.blocked) {
        struct stall_wait *wait = wait_sums(bank, index, &settled->wait, thread->waker_comm);
        wait->value.total += time.blocked;
    }
    // Nothing, unless it arrived unseen.  It stays off the CPU by its word until it leaves: then its wait and its stay
    // in the run queue end.
    bank->on_cpu += settled->now - since - time.blocked - time.run_queue;
    bank->state ^= (bank->state ^ STALL_STATE_ON_CPU) & settled->unseen;
}

static __always_inline void wipe(struct stall_sample *bank)
{
    bpf_probe_read_kernel(bank, sizeof(*bank), (const void *)&empty_sample);
}

// A full buffer makes the kernel call the iterator again for the same task, with room.
static __always_inline void send(struct seq_file *out, struct thread *thread, struct stall_sample *bank)
{
    if (bpf_seq_write(out, bank, sizeof(*bank)))
        thread->unsent = 1;
    else
        wipe(bank);
}

static __always_inline void settle_thread(struct seq_file *out, struct task_struct *task,
                                          struct thread *thread)
{
    __u64 target = control.tick & 1;
    // Before the claim: the thread loses its id when it ends, which may be while this goes on.
    __u32 id = thread->id;
    struct settled settled;
    if (take_unsent(thread)) {
        send(out, thread, &thread->bank[target ? 0 : 1]);
        return;
    }
    if (!id)
        return;
    if (!claim(task, thread, target, &settled)) {
        lost(STALL_LOSS_UNSETTLED);
        return;
    }
    if (!settled.word)
        return;
    if (config.counts_calls)
        settle_call(thread, id);
    struct stall_sample *bank = &thread->bank[target ? 0 : 1];
    if (is_idle(thread, bank, &settled))
        return;
    add_present_state(task, thread, bank, target ? 0 : 1, &settled);
    label(task, thread, id, bank, settled.now);
    thread->reported = true;
    send(out, thread, bank);
}
#endif
