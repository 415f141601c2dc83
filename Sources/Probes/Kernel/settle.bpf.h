// The hand-over at a tick, from the task iterator.
#ifndef STALL_SETTLE_H
#define STALL_SETTLE_H

#include "account.bpf.h"
#include "syscalls.bpf.h"

// A booking takes well under a microsecond, so a few looks find the account between two of them.
#define SETTLE_TRIES 64

const volatile struct stall_sample empty_sample = {};

struct settled {
    __u64 word;  // as it was; 0 if the thread need not be settled
    __u64 now;
    __u64 left;      // when it left the CPU,
    __u64 woken_at;  // was woken,
    __u64 queued_at; // and came into a run queue
    bool preempted;
    bool woken;      // its wait is over
    struct stall_wait_key wait __attribute__((aligned(8)));  // with what ended it, if it has been woken
};

// A thread's time up to now, which is to be taken for a tick.
struct claim {
    struct thread *thread;
    __u64 target;  // the bank that the thread is to count into from now on
    struct settled *settled;
    bool done;
};

// Whoever books says so before it moves the word.  So if nobody books after the word was read, and it is still
// the same when it is exchanged, all that was booked into the bank up to that word is there.
static long try_to_claim(__u32 index, struct claim *claim)
{
    struct thread *thread = claim->thread;
    struct settled *settled = claim->settled;
    __u64 old = *(volatile __u64 *)&thread->word;
    if (!old || state_of(old) == STALL_STATE_ENDED || bank_of(old) == claim->target) {
        claim->done = true;
        return 1;
    }
    if (is_booked(thread))
        return 0;
    __u64 now = bpf_ktime_get_boot_ns();
    settled->now = now > since_of(old) ? now : since_of(old);
    settled->left = thread->off_since;
    settled->woken_at = thread->woken_at;
    settled->queued_at = thread->queued_at;
    settled->preempted = thread->preempted;
    settled->woken = is_off_cpu(old) && state_of(old) != STALL_STATE_BLOCKED && !thread->preempted;
    wait_key(thread, settled->woken, &settled->wait);
    thread->bank[claim->target ? 1 : 0].from = settled->now;
    __u64 next = settled->now << WORD_SHIFT | (claim->target ? WORD_BANK : 0) | state_of(old);
    if (__sync_val_compare_and_swap(&thread->word, old, next) != old)
        return 0;
    settled->word = old;
    claim->done = true;
    return 1;
}

// Moves the thread to the other bank and claims its time up to now.  The verifier looks at one try, not at all of them.
static __always_inline bool claim(struct thread *thread, __u64 target, struct settled *settled)
{
    struct claim claim = { .thread = thread, .target = target, .settled = settled };
    settled->word = 0;
    bpf_loop(SETTLE_TRIES, try_to_claim, &claim, 0);
    return claim.done;
}

// Nothing has happened since the last hand-over, and nothing happens.
static __always_inline bool is_idle(struct thread *thread, struct stall_sample *bank, struct settled *settled)
{
    return thread->reported && state_of(settled->word) == STALL_STATE_BLOCKED &&
           since_of(settled->word) == bank->from;
}

// For how much of its time the thread was on a CPU although by our account it is off: its switch-in went unseen.  What
// it has run since is in the kernel's own account, and its next switch tells the rest.
static __always_inline __u64 unseen_time(struct task_struct *task, struct thread *thread, __u64 length)
{
    __u64 ran = task->on_cpu ? elapsed(thread->ran_before, task->se.sum_exec_runtime) : 0;
    if (ran > length)
        ran = length;
    thread->ran_before += ran;
    return ran;
}

static __always_inline void add_queued(struct task_struct *task, struct thread *thread, struct stall_sample *bank,
                                       __u32 index, __u64 from, __u64 length)
{
    __u32 zero = 0;
    struct cpu *cpu = bpf_map_lookup_percpu_elem(&cpus, &zero, cpu_of(task));
    struct queued queued = { .span = { .from = from, .to = from + length, .bank = index }, .thread = thread, .cpu = cpu };
    bank->run_queue += length;
    if (cpu && length)
        charge_occupants(task, &queued);
    note_throttling(task, thread);
}

static __always_inline void add_off_cpu(struct task_struct *task, struct thread *thread, struct stall_sample *bank,
                                        __u32 index, struct settled *settled)
{
    __u32 state = state_of(settled->word);
    __u64 since = since_of(settled->word), length = settled->now - since;
    __u64 unseen = unseen_time(task, thread, length);
    __u64 waited = thread->waited[index];
    bank->on_cpu += unseen;
    length -= unseen;
    if (state == STALL_STATE_BLOCKED) {
        add_blocked(bank, length, settled->wait.flags);
        waited += length;
    } else if (state == STALL_STATE_WAKING) {
        bank->waking += length;
    } else {
        add_queued(task, thread, bank, index, since, length);
    }
    thread->waited[index] = 0;
    if (waited) {
        struct stall_wait *wait = wait_sums(bank, index, &settled->wait, thread->waker_comm);
        wait->value.total += waited;
    }
    bank->state = unseen ? STALL_STATE_ON_CPU : state;
    bank->waiting = settled->wait;
    bank->preempted = settled->preempted;
    bank->left = settled->left;
    bank->woken = settled->woken ? settled->woken_at : 0;
    bank->queued = state == STALL_STATE_BLOCKED || state == STALL_STATE_WAKING ? 0 : settled->queued_at;
}

static __always_inline void add_present_state(struct task_struct *task, struct thread *thread,
                                              struct stall_sample *bank, __u32 index, struct settled *settled)
{
    if (is_on_cpu(settled->word)) {
        bank->state = STALL_STATE_ON_CPU;
        add_on_cpu(thread, bank, taken_from_other(run_queue_of(task)), settled->now - since_of(settled->word));
    } else {
        add_off_cpu(task, thread, bank, index, settled);
    }
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
    if (!claim(thread, target, &settled)) {
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
