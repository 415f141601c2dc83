// System calls of tracked threads: how many, how long, with what result, and what they move through sockets and pipes.
// Loaded only where they were asked for.
#ifndef STALL_SYSCALLS_H
#define STALL_SYSCALLS_H

#include "aio.bpf.h"
#include "sets.bpf.h"
#include "traffic.bpf.h"

BANKED_SUMS(calls, struct stall_call_key, struct stall_call_sums, 1, STALL_LOSS_SYSCALL)

// Whether the user asked for calls of this number.
static __always_inline bool is_listed(long number)
{
    return number >= 0 && number < CALL_COUNT && config.calls[number / 64] >> (number % 64) & 1;
}

// Threads end in these, so they never return.
static __always_inline bool never_returns(long number)
{
    return number == CALL_NUMBER_EXIT || number == CALL_NUMBER_EXIT_GROUP;
}

// include/uapi/linux/futex.h
static __always_inline __u8 futex_operation(struct pt_regs *regs, long number)
{
    switch (number) {
    case CALL_NUMBER_FUTEX_WAIT:
    case CALL_NUMBER_FUTEX_WAITV:
        return STALL_FUTEX_WAIT;
    case CALL_NUMBER_FUTEX_WAKE:
        return STALL_FUTEX_WAKE;
    case CALL_NUMBER_FUTEX_REQUEUE:
        return STALL_FUTEX_REQUEUE;
    case CALL_NUMBER_FUTEX:
        break;
    default:
        return STALL_FUTEX_NONE;
    }
    switch (syscall_argument(regs, 1) & FUTEX_CMD_MASK) {
    case 0:   // FUTEX_WAIT
    case 9:   // FUTEX_WAIT_BITSET
    case FUTEX_WAIT_REQUEUE_PI:
        return STALL_FUTEX_WAIT;
    case 1:   // FUTEX_WAKE
    case 5:   // FUTEX_WAKE_OP
    case 10:  // FUTEX_WAKE_BITSET
        return STALL_FUTEX_WAKE;
    case 3:   // FUTEX_REQUEUE
    case 4:   // FUTEX_CMP_REQUEUE
    case 12:  // FUTEX_CMP_REQUEUE_PI
        return STALL_FUTEX_REQUEUE;
    default:  // a lock that inherits priority
        return STALL_FUTEX_LOCK;
    }
}

// A tick ends within the call: what it has taken so far belongs to that tick.  Whoever takes a stretch of time moves
// or clears the time since when it is due, so each nanosecond is counted once.
static __always_inline void settle_call(struct thread *thread, __u32 id)
{
    __u64 since = *(volatile __u64 *)&thread->call_since;
    if (!since)
        return;
    struct stall_call_key key = { .thread = id, .syscall = thread->call, .operation = thread->call_operation };
    __u64 now = bpf_ktime_get_boot_ns();
    // If it succeeds, the thread has been in that call all the while.
    if (now <= since || __sync_val_compare_and_swap(&thread->call_since, since, now) != since)
        return;
    struct stall_call_sums *sums = calls_sums(&key, !present_bank());
    if (sums)
        __sync_fetch_and_add(&sums->total, now - since);
}

static __always_inline bool has_failed(long result)
{
    return result < 0 && result >= -4095;
}

static __always_inline void count_call(struct stall_call_sums *sums, __u64 due, __u64 length, long result, __u64 moved)
{
    sums->calls++;
    __sync_fetch_and_add(&sums->total, due);
    if (length > sums->max)
        sums->max = length;
    if (has_failed(result))
        sums->errors++;
    else if (result > 0)
        sums->positive++;
    sums->moved += moved;
    sums->hist[histogram_slot(length)]++;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_call, struct pt_regs *regs, long number)
{
    struct task_struct *task = bpf_get_current_task_btf();
    if (!may_be_tracked(task) || !is_listed(number) || never_returns(number))
        return 0;
    struct thread *thread = thread_of(task);
    if (!thread || task->thread_info.status & TS_COMPAT)
        return 0;
    if (config.counts_aio && number == CALL_NUMBER_IO_SUBMIT)
        note_blocks(task, thread, regs);
    thread->call = number;
    thread->call_operation = futex_operation(regs, number);
    __u64 now = bpf_ktime_get_boot_ns();
    thread->call_began = now;
    barrier();
    *(volatile __u64 *)&thread->call_since = now;
    return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_return, struct pt_regs *regs, long result)
{
    struct task_struct *task = bpf_get_current_task_btf();
    if (!may_be_tracked(task))
        return 0;
    // rt_sigreturn has brought back the registers of what the signal interrupted, and left no number.
    long number = syscall_number(regs);
    if (number >= 0 && !is_listed(number))
        return 0;
    struct thread *thread = thread_of(task);
    if (!thread || !thread->call_since)
        return 0;
    __u64 since = __sync_lock_test_and_set(&thread->call_since, 0);
    __u64 now = bpf_ktime_get_boot_ns();
    number = thread->call;
    if (number < 0 || number >= CALL_COUNT)
        return 0;
    if (config.counts_aio)
        note_aio_return(task, regs, number, result);
    struct stall_call_key key = {
        .thread = thread->id, .syscall = number, .operation = thread->call_operation
    };
    __u64 moved = key.operation ? (result > 0 ? result : 0) : bytes_moved(task, thread, regs, number, result);
    struct stall_call_sums *sums = calls_sums(&key, present_bank());
    if (sums)
        count_call(sums, now > since ? now - since : 0, now - thread->call_began, result, moved);
    return 0;
}
#endif
