// Single spells off the CPU, for those who follow a wait from one thread to the next.
#ifndef STALL_INTERVALS_H
#define STALL_INTERVALS_H

#include "state.bpf.h"
#include "waits.bpf.h"

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4 << 20);
} intervals SEC(".maps");

struct stall_sampling sampling SEC(".data.sampling") = {};

// The setting that was in force at `time`.  That it comes into force some time after it was published is what makes
// this exact: whoever looks at a later time looks after that, and sees it.
static __always_inline struct stall_slices *slices_at(__u64 time)
{
    __u64 number = sampling.number;
    struct stall_slices *newer = &sampling.settings[number & 1];
    return time < newer->from ? &sampling.settings[~number & 1] : newer;
}

// When a lot is there to read, the collector is woken; else it looks often enough by itself.
static __always_inline __u64 interval_flags(void)
{
    __u64 size = bpf_ringbuf_query(&intervals, BPF_RB_RING_SIZE);
    return bpf_ringbuf_query(&intervals, BPF_RB_AVAIL_DATA) > size / 4 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline void lose_interval(struct stall_slices *slices, __u64 left)
{
    lost(STALL_LOSS_INTERVAL);
    if (!slices->lost_since || left < slices->lost_since)
        slices->lost_since = left;
}

// The thread has been given `cpu` at `ran`.  Global, so that the verifier looks at it once, by itself.
//
// @is_late: that went unseen, and is told long after, perhaps.
__noinline int keep_interval(struct thread *thread, struct cpu *cpu, __u64 ran, bool is_late)
{
    if (!thread || !cpu)
        return 0;
    __u64 left = thread->off_since;
    if (ran < left)
        ran = left;
    struct stall_slices *slices = slices_at(ran);
    if (!is_late && !stall_is_kept(slices, left, ran))
        return 0;
    __u64 kept = __sync_fetch_and_add(&slices->kept, 1);
    if (kept >= slices->allowance && !slices->closed)
        __sync_val_compare_and_swap(&slices->closed, 0, ran);

    struct stall_interval *interval = bpf_ringbuf_reserve(&intervals, sizeof(*interval), 0);
    if (!interval) {
        lose_interval(slices, left);
        return 0;
    }
    interval->left = left;
    interval->ran = ran;
    interval->preempted = thread->preempted;
    wait_key(thread, true, &interval->wait);
    interval->waker_thread = thread->waker_thread;
    ((__u64 *)interval->waker_comm)[0] = thread->waker_comm[0];
    ((__u64 *)interval->waker_comm)[1] = thread->waker_comm[1];

    interval->woken = thread->preempted ? left : thread->woken_at;
    interval->queued = thread->queued_at;
    interval->occupant_kind = thread->occupant_kind;
    struct turn *turn = turn_of(cpu, thread->occupant_back);
    bool is_thread = interval->occupant_kind == STALL_OCCUPANT_THREAD;
    interval->occupant_tid = is_thread ? turn->tid : 0;
    interval->occupant_pid = is_thread ? turn->pid : 0;
    ((__u64 *)interval->occupant_comm)[0] = is_thread ? turn->comm[0] : 0;
    ((__u64 *)interval->occupant_comm)[1] = is_thread ? turn->comm[1] : 0;
    interval->reserved = 0;
    bpf_ringbuf_submit(interval, interval_flags());
    return 0;
}
#endif
