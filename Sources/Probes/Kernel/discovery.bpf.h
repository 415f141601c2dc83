// Processes that become targets by themselves, because a tracked thread waits for them or they for it.
#ifndef STALL_DISCOVERY_H
#define STALL_DISCOVERY_H

#include "births.bpf.h"
#include "wakers.bpf.h"

// Thread groups that must not become targets by themselves: system daemons, what the user excludes, and what was
// a target and has been removed.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 65536);
    __type(key, __u32);
    __type(value, __u32);
} excluded SEC(".maps");

__u32 found_processes SEC(".data.ids") = 0;

// Kinds of waits that one process can end for another by way of something they share.
static __always_inline bool is_communication(const struct thread *thread)
{
    switch (thread->wait.kind) {
    case STALL_WAIT_PIPE:
    case STALL_WAIT_UNIX:
    case STALL_WAIT_INET:
    case STALL_WAIT_ACCEPT:
    case STALL_WAIT_CONNECT:
    case STALL_WAIT_EVENT:
    case STALL_WAIT_EPOLL:
    case STALL_WAIT_POLL:
        return true;
    case STALL_WAIT_FUTEX:
        return thread->futex_tick;
    default:
        return false;
    }
}

// Kernel threads do work for others: they are followed where what they work on is a disk.
static __always_inline bool is_delegated(const struct thread *thread)
{
    return thread->wait.flags & STALL_WAIT_UNINTERRUPTIBLE || thread->wait.kind == STALL_WAIT_FSYNC;
}

static __always_inline bool may_follow(struct thread *from, struct task_struct *other)
{
    __u32 pid = other->tgid;
    if (!pid || pid == config.collector_pid || from->hops >= config.hop_limit)
        return false;
    if (bpf_map_lookup_elem(&excluded, &pid))
        return false;
    return found_processes < config.process_limit;
}

// An untracked thread, the current one, has ended a tracked thread's wait.
static __noinline int follow_waker(struct task_struct *other, struct thread *from)
{
    if (!from || from->refused == other->pid)
        return 0;
    if (!may_follow(from, other)) {
        from->refused = other->pid;
        return 0;
    }
    struct found found = { .by = from->id, .resource = from->waker_member, .kind = from->wait.kind };
    if (from->wait.kind == STALL_WAIT_EPOLL && from->wait_object) {
        struct known_file known = {};
        struct file *ready = ready_file(from->wait_object);
        if (ready)
            meet_file(other, from, ready, &known);
        found.resource = known.resource;
    }
    if (!found.resource)
        found.resource = from->wait.resource;
    __u64 now = bpf_ktime_get_boot_ns();
    struct thread *thread = track_found(other, &found, from->hops + 1, STALL_BIRTH_WOKE, now);
    if (!thread)
        return 0;
    __sync_fetch_and_add(&found_processes, 1);
    begin(other, thread, STALL_STATE_ON_CPU, now);
    thread->stolen_before = taken_from(run_queue_of(other));
    struct cpu *cpu = this_cpu();
    if (cpu)
        cpu->running = thread->id;
    return 0;
}

// Data comes for a socket and then its waiters are woken, at once: within this many jiffies, which cost nothing to
// read.
#define FRESH 1

// Whether a task that is being woken waits for communication.  In an interrupt, only if it is the very socket that
// the waker sends to.
static __always_inline bool awaits_communication(struct task_struct *task, struct task_struct *waker,
                                                 struct cpu *cpu, bool is_direct)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    long number = syscall_number(regs);
    if (number < 0 || number >= CALL_COUNT)
        return false;
    struct file *file;
    switch (call_classes[number]) {
    case CALL_READ:
    case CALL_WRITE:
    case CALL_ACCEPT:
    case CALL_CONNECT:
        return is_direct || is_sending_to(waker, sock_of(file_of(task, syscall_argument(regs, 0))));
    case CALL_EPOLL:
        if (is_direct)
            return true;
        file = file_of(task, syscall_argument(regs, 0));
        file = file ? ready_file((__u64)BPF_CORE_READ(file, private_data)) : NULL;
        return file && is_sending_to(waker, sock_of(file));
    case CALL_POLL:
    case CALL_IO_URING:
        // What they wait on is in their memory, which cannot be read from here.
        return is_direct ||
               (is_sending_to(waker, ready_sock(cpu)) && bpf_jiffies64() - cpu->ready_at <= FRESH);
    }
    return false;
}

// A tracked thread wakes an untracked one.  What the waker does tells whether they communicate.  An interrupt that
// has borrowed its CPU wakes on its behalf only if data has come for the socket that it sends to.
static __noinline int follow_woken(struct task_struct *other, struct task_struct *waker, struct thread *from,
                                   struct cpu *cpu)
{
    if (!cpu)
        return 0;
    enum context context = present_context(waker, cpu);
    if (context == CONTEXT_INTERRUPT || (context == CONTEXT_SOFTIRQ && cpu->timer))
        return 0;
    if (!from || from->refused == other->pid || (other->flags & PF_KTHREAD))
        return 0;
    long number;
    struct file *file = file_in_use(waker, &number);
    if (!file || (context == CONTEXT_SOFTIRQ && !sock_of(file)))
        return 0;
    if (!awaits_communication(other, waker, cpu, context == CONTEXT_TASK))
        return 0;
    struct known_file *known = look_up_file(waker, from, file);
    __u8 kind = known->kind;
    if (kind != STALL_RESOURCE_PIPE && kind != STALL_RESOURCE_UNIX && kind != STALL_RESOURCE_INET &&
        kind != STALL_RESOURCE_ANON)
        return 0;
    if (!may_follow(from, other)) {
        from->refused = other->pid;
        return 0;
    }
    struct found found = { .by = from->id, .resource = known->resource };
    __u64 now = bpf_ktime_get_boot_ns();
    struct thread *thread = track_found(other, &found, from->hops + 1, STALL_BIRTH_WOKEN, now);
    if (!thread)
        return 0;
    __sync_fetch_and_add(&found_processes, 1);
    begin(other, thread, STALL_STATE_WAKING, now);
    return 0;
}
#endif
