// Time.
//
// Accounts, and all that leaves the kernel, are timed by CLOCK_BOOTTIME, which is the same on every CPU.  Whose turn it is on
// a CPU is noted at every switch of the host, by the clock that the scheduler has just read for its own use: that costs a
// load instead of a clock read.  The collector's own switches give the difference of the two.
#ifndef STALL_CLOCK_H
#define STALL_CLOCK_H

#include "state.bpf.h"

static __always_inline __u64 elapsed(__u64 since, __u64 now)
{
    return now > since ? now - since : 0;
}

// The run queue that the task is on, or was last.
static __always_inline struct rq *run_queue_of(struct task_struct *task)
{
    return task->se.cfs_rq->rq;
}

static __always_inline __u32 cpu_of(struct task_struct *task)
{
    return task->thread_info.cpu;
}

static __always_inline void calibrate(struct rq *rq)
{
    control.clock_offset = bpf_ktime_get_boot_ns() - rq->clock;
}

// A time of the scheduler's clock, as one of CLOCK_BOOTTIME.
static __always_inline __u64 boot_time(__u64 scheduler)
{
    return scheduler + control.clock_offset;
}

// What a CPU has had of time and its tasks have not: taken by the hypervisor (PARAVIRT_TIME_ACCOUNTING), or, on kernels
// that tell (IRQ_TIME_ACCOUNTING), by interrupts.  Since boot, as of the scheduler's last look at its clock.
static __always_inline __u64 taken_from(struct rq *rq)
{
    return rq->clock - rq->clock_task;
}

// The same from another CPU, which may just be between its two clocks: then it is too much, and a moment later it is not.
static __always_inline __u64 taken_from_other(struct rq *rq)
{
    __u64 first = taken_from(rq);
    bpf_ktime_get_boot_ns();
    barrier();
    __u64 second = taken_from(rq);
    return first < second ? first : second;
}
#endif
