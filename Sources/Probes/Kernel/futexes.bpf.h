// Which futex a thread waits on.
#ifndef STALL_FUTEXES_H
#define STALL_FUTEXES_H

#include "arch.bpf.h"
#include "objects.bpf.h"

// include/uapi/linux/futex.h
#define FUTEX_PRIVATE_FLAG 128
#define FUTEX_CMD_MASK 127
#define FUTEX_WAIT_REQUEUE_PI 11

struct mapped {
    __u64 address;
    __u64 inode;  // 0: not a shared mapping
    __u64 offset;
    __u64 file;  // struct file
    __u32 device;
};

static long see_mapping(struct task_struct *task, struct vm_area_struct *area, struct mapped *mapped)
{
    if (!(area->vm_flags & VM_SHARED) || !area->vm_file)
        return 0;
    struct inode *inode = area->vm_file->f_inode;
    mapped->file = (__u64)area->vm_file;
    mapped->inode = inode->i_ino;
    mapped->device = inode->i_sb->s_dev;
    mapped->offset = mapped->address - area->vm_start + (area->vm_pgoff << PAGE_SHIFT);
    return 0;
}

// Two processes that map the same page of the same file meet in one futex there.  Only an operation without
// FUTEX_PRIVATE_FLAG can be such, and is one only if the address lies in a shared mapping.
static __noinline __u32 meet_futex(struct task_struct *task, struct thread *thread, __u64 address, bool shared)
{
    if (!thread)
        return 0;
    struct subject subject;
    subject_for(&subject, task, thread, STALL_RESOURCE_FUTEX);
    subject.key.a = address;
    struct mapped mapped = { .address = address };
    if (shared)
        bpf_find_vma(task, address, see_mapping, &mapped, 0);
    if (mapped.inode) {
        subject.key.kind = STALL_RESOURCE_SHARED_FUTEX;
        subject.key.a = mapped.inode;
        subject.key.b = mapped.offset;
        subject.key.c = mapped.device;
        subject.file = (struct file *)mapped.file;
    } else {
        own(&subject);
    }
    return resource_id(&subject);
}

// What is mapped where may change, so a shared futex is looked up anew in every tick.
static __always_inline __u32 futex_resource(struct task_struct *task, struct thread *thread, __u64 address,
                                            bool shared)
{
    __u32 tick = shared ? control.tick + 1 : 0;
    if (thread->futex_address != address || thread->futex_tick != tick || thread->futex_epoch != epoch() ||
        !thread->futex_resource) {
        thread->futex_epoch = epoch();
        thread->futex_address = address;
        thread->futex_tick = tick;
        thread->futex_resource = meet_futex(task, thread, address, shared);
    }
    return thread->futex_resource;
}

static __always_inline bool is_shared_futex(struct pt_regs *regs, long number)
{
    if (number == CALL_NUMBER_FUTEX_WAIT)
        return !(syscall_argument(regs, 3) & FUTEX_PRIVATE_FLAG);
    return !(syscall_argument(regs, 1) & FUTEX_PRIVATE_FLAG);
}
#endif
