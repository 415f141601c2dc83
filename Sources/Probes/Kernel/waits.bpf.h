// Waits, summed by what they were for and what ended them.
#ifndef STALL_WAITS_H
#define STALL_WAITS_H

#include "state.bpf.h"

static __always_inline bool same_wait(const struct stall_wait_key *left, const struct stall_wait_key *right)
{
    const __u64 *a = (const __u64 *)left, *b = (const __u64 *)right;
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

static __always_inline __u32 wait_slot(const struct stall_wait_key *key)
{
    const __u64 *words = (const __u64 *)key;
    __u64 mixed = (words[0] ^ words[1] ^ words[2] ^ words[3]) * 0x9e3779b97f4a7c15ull;
    return (mixed >> 60) & (STALL_WAIT_SLOTS - 1);
}

const volatile struct stall_wait_total no_waits = {};

// A slot's sums move to the shared map.  Only this thread adds to this key, so plain additions do.
// Global, as are others of these, so that the verifier looks at it once, not for each way that leads to it.  6.1 takes
// neither a key nor a value from what such a function is given.
__noinline int spill_wait(struct stall_wait *wait, __u32 bank)
{
    if (!wait)
        return 0;
    struct stall_wait_key key = wait->key;
    struct stall_wait_total *sum =
        bank ? bpf_map_lookup_elem(&waits_odd, &key) : bpf_map_lookup_elem(&waits_even, &key);
    if (!sum) {
        const void *none = (const void *)&no_waits;
        long failed = bank ? bpf_map_update_elem(&waits_odd, &key, none, BPF_NOEXIST)
                           : bpf_map_update_elem(&waits_even, &key, none, BPF_NOEXIST);
        if (failed)
            lost(STALL_LOSS_WAIT);
        sum = bank ? bpf_map_lookup_elem(&waits_odd, &key) : bpf_map_lookup_elem(&waits_even, &key);
        if (!sum)
            return 0;
        __builtin_memcpy(sum->waker_comm, wait->value.waker_comm, sizeof(sum->waker_comm));
    }
    sum->count += wait->value.count;
    sum->total += wait->value.total;
    if (wait->value.max > sum->max)
        sum->max = wait->value.max;
    for (int i = 0; i < STALL_HIST_SLOTS; i++)
        sum->hist[i] += wait->value.hist[i];
    return 0;
}

// The sums for a key, in the bank's own slots; another key that has the slot makes room.
static __always_inline struct stall_wait *
wait_sums(struct stall_sample *bank, __u32 index, const struct stall_wait_key *key, const __u64 *comm)
{
    struct stall_wait *wait = &bank->waits[wait_slot(key)];
    if (same_wait(&wait->key, key))
        return wait;
    if (wait->key.thread)
        spill_wait(wait, index);
    __builtin_memset(&wait->value, 0, sizeof(wait->value));
    wait->key = *key;
    ((__u64 *)wait->value.waker_comm)[0] = comm[0];
    ((__u64 *)wait->value.waker_comm)[1] = comm[1];
    return wait;
}

// What the block layer ends, when it does so in an interrupt.
static __always_inline bool waits_for_disk(const struct stall_wait_key *wait)
{
    switch (wait->kind) {
    case STALL_WAIT_FILE_READ:
    case STALL_WAIT_FILE_WRITE:
    case STALL_WAIT_FILE:
    case STALL_WAIT_FSYNC:
    case STALL_WAIT_PAGE_FAULT:
    case STALL_WAIT_RECLAIM:
    case STALL_WAIT_AIO:
        return true;
    case STALL_WAIT_IO_URING:
        // It counts as waiting for I/O whatever its requests are for.
        return wait->device;
    default:
        return wait->flags & STALL_WAIT_IO || wait->device;
    }
}

// The thread's present wait, with what ended it if anything has.
static __always_inline void wait_key(struct thread *thread, bool ended, struct stall_wait_key *key)
{
    *key = thread->wait;
    key->thread = thread->id;
    if (ended) {
        key->waker_kind = thread->waker_kind;
        // Whoever wakes a thread that is about to leave its CPU sees what it waited for before.
        key->member = thread->woken_wait == thread->off_since ? thread->waker_member : 0;
        key->flags |= thread->waker_flags;
        key->waker_pid = thread->waker_pid;
        key->waker_tid = thread->waker_tid;
    }
}
#endif
