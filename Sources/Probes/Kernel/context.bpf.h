// Whether the present code runs for the current task or in an interrupt that only borrowed its CPU.
#ifndef STALL_CONTEXT_H
#define STALL_CONTEXT_H

#include "arch.bpf.h"
#include "clock.bpf.h"
#include "files.bpf.h"

// include/linux/preempt.h: bits 8-15 count softirqs (bit 8 alone: one is being served; the others count
// local_bh_disable), 16-19 hard interrupts, 20-23 NMIs.
#define SERVING_SOFTIRQ 0x000100
#define IN_INTERRUPT 0xff0000

enum context { CONTEXT_TASK, CONTEXT_SOFTIRQ, CONTEXT_INTERRUPT };

// Where the kernel does not tell: a task that is not in a system call wakes nobody.
static __always_inline enum context likely_context(struct task_struct *current)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(current);
    return current->flags & PF_KTHREAD || syscall_number(regs) >= 0 ? CONTEXT_TASK : CONTEXT_SOFTIRQ;
}

static __always_inline enum context present_context(struct task_struct *current, struct cpu *cpu)
{
    __s64 offset = config.preempt_count_offset;
    if (!offset)
        return likely_context(current);
    // A thread may have had the CPU for itself since before the programs were attached.
    __u64 rq = cpu->rq ? cpu->rq : (__u64)run_queue_of(current);
    __u32 count = read_int((void *)rq + offset);
    if (count & IN_INTERRUPT)
        return CONTEXT_INTERRUPT;
    return count & SERVING_SOFTIRQ ? CONTEXT_SOFTIRQ : CONTEXT_TASK;
}
#endif
