// Time.
//
// Switches are timed by the run queue's own clock, which the scheduler has just read for its own accounting:
// it costs a load instead of a clock read, and on-CPU and run-queue time come out as the kernel's own
// `sum_exec_runtime` and `run_delay` do, our own programs' time included.  What is not at a switch, and what
// leaves the kernel, uses CLOCK_BOOTTIME; the collector's own switches give the difference of the two.
#ifndef STALL_CLOCK_H
#define STALL_CLOCK_H

#include "state.bpf.h"

// The run queue that the task is on, or was last.
static __always_inline struct rq *run_queue_of(struct task_struct *task)
{
    return task->se.cfs_rq->rq;
}

static __always_inline __u32 cpu_of(struct task_struct *task)
{
    return task->thread_info.cpu;
}

static __always_inline __u64 switch_time(struct task_struct *task)
{
    return run_queue_of(task)->clock;
}

// When the scheduler stopped charging a task that leaves its CPU.  Before it found another task it may have
// looked for one on other CPUs, and have read the clock anew.
static __always_inline __u64 leave_time(struct task_struct *task, struct rq *rq, __u64 now)
{
    __u64 uncharged = rq->clock_task - task->se.exec_start;
    return uncharged < now ? now - uncharged : now;
}

// The scheduler's clock as it is now, for code that is not at a switch.
static __always_inline __u64 scheduler_now(void)
{
    return bpf_ktime_get_boot_ns() - control.clock_offset;
}

static __always_inline void calibrate(struct task_struct *collector)
{
    control.clock_offset = bpf_ktime_get_boot_ns() - switch_time(collector);
}

// All the time that the task has spent on run queues: what the kernel has summed up, and the present stay.
static __always_inline __u64 queued_time(struct task_struct *task, __u64 now)
{
    __u64 sum = task->sched_info.run_delay;
    __u64 since = task->sched_info.last_queued;
    return since && since < now ? sum + (now - since) : sum;
}
#endif
