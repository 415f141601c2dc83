// What a thread that leaves the CPU waits for, read from its registers and its file table.
#ifndef STALL_CLASSIFY_H
#define STALL_CLASSIFY_H

#include "memory.bpf.h"
#include "operations.bpf.h"
#include "sets.bpf.h"

// Sets kind, direction and resource of a wait on an open file; none, and only the direction is known.
static __always_inline void wait_on_file(struct task_struct *task, struct thread *thread, struct stall_wait_key *wait,
                                         __u8 class, struct file *file)
{
    if (class == CALL_READ || class == CALL_ACCEPT)
        wait->direction = STALL_DIRECTION_READ;
    else if (class == CALL_WRITE)
        wait->direction = STALL_DIRECTION_WRITE;
    if (!file)
        return;
    struct known_file *known = look_up_file(task, thread, file);
    wait->resource = known->resource;
    switch (known->kind) {
    case STALL_RESOURCE_PIPE:
        wait->kind = STALL_WAIT_PIPE;
        break;
    case STALL_RESOURCE_UNIX:
    case STALL_RESOURCE_INET:
        thread->next_object = (__u64)file;
        wait->kind = known->kind == STALL_RESOURCE_UNIX ? STALL_WAIT_UNIX : STALL_WAIT_INET;
        if (class == CALL_ACCEPT)
            wait->kind = STALL_WAIT_ACCEPT;
        else if (class == CALL_CONNECT)
            wait->kind = STALL_WAIT_CONNECT;
        break;
    case STALL_RESOURCE_FILE:
    case STALL_RESOURCE_DEVICE_FILE:
        wait->kind = class == CALL_READ    ? STALL_WAIT_FILE_READ
                     : class == CALL_WRITE ? STALL_WAIT_FILE_WRITE
                     : class == CALL_FSYNC ? STALL_WAIT_FSYNC
                                           : STALL_WAIT_FILE;
        if (known->kind == STALL_RESOURCE_DEVICE_FILE && !(wait->flags & STALL_WAIT_IO))
            wait->kind = STALL_WAIT_FILE;
        break;
    case STALL_RESOURCE_ANON:
        wait->kind = STALL_WAIT_EVENT;
        break;
    case STALL_RESOURCE_EPOLL:
        thread->next_object = known->object;
        break;
    }
}

static __always_inline void wait_on_descriptor(struct task_struct *task, struct thread *thread,
                                               struct stall_wait_key *wait, __u8 class, __u32 fd)
{
    wait_on_file(task, thread, wait, class, file_of(task, fd));
}

// Of the two descriptors that data moves between, the one that has none, or no room for it.
static __noinline int wait_on_transfer(struct task_struct *task, struct thread *thread,
                                       struct stall_wait_key *wait, __u32 source, __u32 target)
{
    if (!thread || !wait)
        return 0;
    bool reads = wait->flags & STALL_WAIT_IO;
    struct file *file = file_of(task, source);
    if (file && look_up_file(task, thread, file)->kind == STALL_RESOURCE_PIPE) {
        struct pipe_inode_info *pipe = BPF_CORE_READ(file, private_data);
        reads = BPF_CORE_READ(pipe, head) == BPF_CORE_READ(pipe, tail);
    } else if (file && (file = file_of(task, target)) &&
               look_up_file(task, thread, file)->kind == STALL_RESOURCE_PIPE) {
        // A full pipe is waited for to be read; with room in it, the source is what lacks data.
        struct pipe_inode_info *pipe = BPF_CORE_READ(file, private_data);
        reads = BPF_CORE_READ(pipe, head) - BPF_CORE_READ(pipe, tail) < BPF_CORE_READ(pipe, max_usage);
    }
    wait_on_descriptor(task, thread, wait, reads ? CALL_READ : CALL_WRITE, reads ? source : target);
    return 0;
}

static __always_inline __u64 two_digits(__u64 value)
{
    __u64 scale = 1;
    for (int i = 0; i < 18 && value >= 100; i++) {
        value /= 10;
        scale *= 10;
    }
    return value * scale;
}

// nanosleep(length), clock_nanosleep(clock, flags, length)
static __noinline __u32 timer_resource(struct task_struct *task, struct thread *thread, long number)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    if (!thread)
        return 0;
    __u64 time[2] = {};
    bool absolute = number == CALL_NUMBER_CLOCK_NANOSLEEP && (syscall_argument(regs, 1) & 1);
    if (!absolute)
        bpf_probe_read_user(time, sizeof(time),
                            (void *)syscall_argument(regs, number == CALL_NUMBER_CLOCK_NANOSLEEP ? 2 : 0));
    struct subject subject;
    subject_for(&subject, task, thread, STALL_RESOURCE_TIMER);
    subject.key.a = two_digits(time[0] * 1000000000ull + time[1]);
    return resource_id(&subject);
}

static __noinline __u32 path_resource(struct task_struct *task, struct thread *thread, int argument)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    if (!thread)
        return 0;
    struct subject subject;
    subject_for(&subject, task, thread, STALL_RESOURCE_PATH);
    subject.text = (void *)syscall_argument(regs, argument);
    __u64 words[8] = {};
    bpf_probe_read_user_str(words, sizeof(words), subject.text);
    for (int i = 0; i < 8; i++)
        subject.key.a = (subject.key.a ^ words[i]) * 0x9e3779b97f4a7c15ull;
    own(&subject);
    return resource_id(&subject);
}

// Kinds of which the host has one resource for each number.
static __noinline __u32 host_resource(struct task_struct *task, struct thread *thread, __u32 kind, __u64 a)
{
    if (!thread)
        return 0;
    struct subject subject;
    subject_for(&subject, task, thread, kind);
    subject.key.a = a;
    return resource_id(&subject);
}

// Kinds of which each process has one resource, or one for each of a few numbers.
static __noinline __u32 process_resource(struct task_struct *task, struct thread *thread, __u32 kind, __u64 a)
{
    return thread ? simple_resource(task, thread, kind, a) : 0;
}

// The memory of another task than the current one, which the iterator may have met asleep, cannot be read: what its
// call names there is told with its next wait.
static __always_inline bool can_read_memory_of(struct task_struct *task)
{
    return task == bpf_get_current_task_btf();
}

static __always_inline int classify_rare_call(struct task_struct *task, struct thread *thread,
                                         struct stall_wait_key *wait, long number, __u8 class)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    if (!thread || !wait)
        return 0;
    switch (class) {
    case CALL_SYNC:
        wait->kind = STALL_WAIT_FSYNC;
        wait->direction = STALL_DIRECTION_WRITE;
        break;
    case CALL_SPLICE:
        wait_on_transfer(task, thread, wait, syscall_argument(regs, 0), syscall_argument(regs, 2));
        break;
    case CALL_SENDFILE:
        wait_on_transfer(task, thread, wait, syscall_argument(regs, 1), syscall_argument(regs, 0));
        break;
    case CALL_POLL:
        wait->kind = STALL_WAIT_POLL;
        begin_set(thread);
        if (!can_read_memory_of(task))
            break;
        if (number == CALL_NUMBER_POLL || number == CALL_NUMBER_PPOLL)
            add_polled(task, thread, syscall_argument(regs, 0), syscall_argument(regs, 1));
        else
            add_selected(task, thread);
        wait->resource = set_resource(task, thread);
        break;
    case CALL_SLEEP:
        wait->kind = STALL_WAIT_SLEEP;
        if (can_read_memory_of(task))
            wait->resource = timer_resource(task, thread, number);
        break;
    case CALL_CHILD:
        wait->kind = STALL_WAIT_CHILD;
        wait->resource = process_resource(task, thread, STALL_RESOURCE_CHILD,
                                          (__u32)syscall_argument(regs, number == CALL_NUMBER_WAITID ? 1 : 0));
        break;
    case CALL_SIGNAL:
        wait->kind = STALL_WAIT_SIGNAL;
        wait->resource = process_resource(task, thread, STALL_RESOURCE_SIGNAL, 0);
        break;
    case CALL_AIO:
        wait->kind = STALL_WAIT_AIO;
        wait->resource = process_resource(task, thread, STALL_RESOURCE_AIO, syscall_argument(regs, 0));
        break;
    case CALL_VFORK:
        wait->kind = STALL_WAIT_VFORK;
        wait->resource = process_resource(task, thread, STALL_RESOURCE_CHILD, 0);
        break;
    case CALL_PATH:
        wait->kind = STALL_WAIT_FILE;
        if (can_read_memory_of(task))
            wait->resource = path_resource(task, thread, 0);
        break;
    case CALL_PATH_AT:
        wait->kind = STALL_WAIT_FILE;
        if (can_read_memory_of(task))
            wait->resource = path_resource(task, thread, 1);
        break;
    }
    return 0;
}

static __always_inline void classify_call(struct task_struct *task, struct thread *thread,
                                          struct stall_wait_key *wait)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    long number = syscall_number(regs);
    // A signal that had no handler interrupted a call, whose arguments are still there.
    if (number == CALL_NUMBER_RESTART)
        number = thread->interrupted;
    if (number < 0 || number >= CALL_COUNT) {
        // Not in a system call: a fault or an exception, if it sleeps.
        wait->kind = number < 0 ? STALL_WAIT_PAGE_FAULT : STALL_WAIT_OTHER;
        wait->syscall = number < 0 ? -1 : number;
        if (number < 0 && thread->fault_inode && thread->fault_number == task->min_flt + task->maj_flt)
            wait->resource = inode_resource(task, thread, (struct inode *)thread->fault_inode);
        return;
    }
    wait->syscall = number;
    thread->interrupted = number;
    __u8 class = call_classes[number];
    switch (class) {
    case CALL_FUTEX:
        wait->kind = STALL_WAIT_FUTEX;
        if (number == CALL_NUMBER_FUTEX_WAITV) {
            begin_set(thread);
            if (!can_read_memory_of(task))
                break;
            add_futexes(task, thread, syscall_argument(regs, 0), syscall_argument(regs, 1));
            wait->resource = set_resource(task, thread);
        } else {
            wait->resource =
                futex_resource(task, thread, syscall_argument(regs, 0), is_shared_futex(regs, number));
        }
        break;
    case CALL_EPOLL:
    case CALL_READ:
    case CALL_WRITE:
    case CALL_FILE:
    case CALL_CLOSE:
    case CALL_ACCEPT:
    case CALL_CONNECT:
    case CALL_FSYNC:
    case CALL_IO_URING:
        wait_on_descriptor(task, thread, wait, class, syscall_argument(regs, 0));
        if (class == CALL_EPOLL)
            wait->kind = STALL_WAIT_EPOLL;
        else if (class == CALL_IO_URING) {
            wait->kind = STALL_WAIT_IO_URING;
            ask_for_rings();
        }
        else if (class == CALL_FSYNC) {
            wait->kind = STALL_WAIT_FSYNC;
            wait->direction = STALL_DIRECTION_WRITE;
        }
        break;
    case CALL_OTHER:
        break;
    default:
        classify_rare_call(task, thread, wait, number, class);
    }
}

// A thread that the kernel made for rings: a worker waits for what its request does, or for requests; the thread that
// polls a ring for submissions, for these.
static __noinline int classify_ring_thread(struct task_struct *task, struct thread *thread,
                                           struct stall_wait_key *wait)
{
    if (!thread || !wait)
        return 0;
    wait->kind = STALL_WAIT_IO_URING;
    void *worker = task->worker_private;
    void *work = worker ? POINTER(io_worker, worker, cur_work) : NULL;
    if (!work) {
        wait->resource = thread->ring;
        return 0;
    }
    void *request = work - bpf_core_field_offset(struct io_kiocb, work);
    __u8 operation = read_int(request + bpf_core_field_offset(struct io_kiocb, opcode));
    wait_on_file(task, thread, wait, ring_operation_class(operation), POINTER(io_kiocb, request, file));
    return 0;
}

// Whether the thread's last request to a disk can be what it waits for: it was made in this very call, or in one
// like it, or in that which precedes the waits of its kind.
static __always_inline bool waits_for_request(struct task_struct *task, struct thread *thread,
                                              const struct stall_wait_key *wait)
{
    if (wait->kind == STALL_WAIT_KERNEL_LOCK || wait->kind == STALL_WAIT_STOPPED)
        return false;
    if (wait->kind == STALL_WAIT_AIO)
        return thread->device_call == CALL_NUMBER_IO_SUBMIT;
    return wait->flags & (STALL_WAIT_UNINTERRUPTIBLE | STALL_WAIT_IO) &&
           thread->device_call == syscall_number((struct pt_regs *)bpf_task_pt_regs(task));
}

// A wait for data, of a page or a file, that is one for memory in truth: it keeps the name of what is read.
static __always_inline void tell_thrashing(struct task_struct *task, struct thread *thread,
                                           struct stall_wait_key *wait)
{
    if (!(wait->flags & STALL_WAIT_IO) || wait->kind == STALL_WAIT_KERNEL_LOCK)
        return;
    if (wait->device && thread->swap_number == task->min_flt + task->maj_flt + 1)
        wait->kind = STALL_WAIT_SWAP_IN;
    // The kernel calls it a stall for memory if the page was among those in use when it was taken.
    else if (bpf_core_field_exists(task->in_memstall) && BPF_CORE_READ_BITFIELD(task, in_memstall))
        wait->kind = STALL_WAIT_THRASHING;
}

// `state` is the task's state as it goes to sleep.  Works for the current task and, from the iterator, for
// one that sleeps already.
static __always_inline void classify(struct task_struct *task, struct thread *thread, __u32 state)
{
    // Published as a whole at the end: a waker on another CPU may look at any moment.
    struct stall_wait_key key = { .syscall = -1 };
    struct stall_wait_key *wait = &key;
    thread->next_object = 0;
    if ((state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD))
        wait->flags |= STALL_WAIT_UNINTERRUPTIBLE;
    if (BPF_CORE_READ_BITFIELD(task, in_iowait))
        wait->flags |= STALL_WAIT_IO;

    __u32 flags = task->flags;
    if (state & (TASK_STOPPED_BITS | TASK_FROZEN))
        wait->kind = STALL_WAIT_STOPPED;
    else if (flags & PF_KTHREAD)
        wait->kind = STALL_WAIT_KERNEL_THREAD;
    else if (flags & PF_EXITING)
        wait->kind = STALL_WAIT_EXIT;
    else if (flags & PF_IO_WORKER)
        classify_ring_thread(task, thread, wait);
    else
        classify_call(task, thread, wait);

    // What the kernel itself says that it waits for goes before what the call is about.
    __u8 shortage = memory_wait(thread);
    if (shortage) {
        wait->kind = shortage;
        wait->resource = host_resource(task, thread, STALL_RESOURCE_MEMORY, shortage - STALL_WAIT_RECLAIM);
    } else if (thread->kernel_lock && wait->kind != STALL_WAIT_FUTEX) {
        wait->kind = STALL_WAIT_KERNEL_LOCK;
        wait->direction = STALL_DIRECTION_NONE;
        wait->resource = host_resource(task, thread, STALL_RESOURCE_KERNEL_LOCK, thread->kernel_lock);
    }
    if (thread->device && waits_for_request(task, thread, wait))
        wait->device = thread->device;
    if (!shortage)
        tell_thrashing(task, thread, wait);
    thread->wait_object = thread->next_object;
    thread->wait = key;
}

// The current task goes to sleep.  Global, so that the verifier looks at it once.
__noinline int classify_current(struct thread *thread, __u32 state)
{
    if (thread)
        classify(bpf_get_current_task_btf(), thread, state);
    return 0;
}
#endif
