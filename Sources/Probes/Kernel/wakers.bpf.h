// Who or what ends a wait.
#ifndef STALL_WAKERS_H
#define STALL_WAKERS_H

#include "context.bpf.h"
#include "sets.bpf.h"
#include "waits.bpf.h"

// Programs that mark what an interrupt is about, for the wakings that it causes on the same CPU.
static __always_inline void mark_timer(__u64 timer, __u32 offset)
{
    struct cpu *cpu = this_cpu();
    if (!cpu)
        return;
    cpu->timer = timer;
    // Now: the timer's function forgets the task before it wakes it.
    if (timer)
        bpf_probe_read_kernel(&cpu->sleeper, sizeof(cpu->sleeper), (void *)(timer + offset));
}

// Whether the expiring timer is the one that bounds the task's own wait: its sleeper names the task.
static __always_inline bool is_own_timeout(struct cpu *cpu, struct task_struct *task)
{
    return cpu->sleeper == (__u64)task;
}

// The socket that data came for last in the present turn.  The program that notes it runs at each packet, for few:
// polled sets, and pollers that are met.  So it is attached while it is asked for, and some time after.
static __noinline struct sock *ready_sock(struct cpu *cpu)
{
    if (!cpu)
        return NULL;
    control.ready_asked = control.tick + 1;
    if (!control.ready_attached && !__sync_lock_test_and_set(&control.ready_missing, 1)) {
        __u32 call[2] = { STALL_EVENT_CALL };
        bpf_ringbuf_output(&events, call, sizeof(call), BPF_RB_FORCE_WAKEUP);
    }
    return (struct sock *)cpu->ready;
}

struct address {
    __u8 bytes[16];
};
struct addresses {
    struct address local, remote;
    __u16 local_port, remote_port;
};

static __always_inline void read_addresses(struct sock *sock, struct addresses *addresses)
{
    __builtin_memset(addresses, 0, sizeof(*addresses));
    addresses->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
    addresses->remote_port = __builtin_bswap16(BPF_CORE_READ(sock, __sk_common.skc_dport));
    if (BPF_CORE_READ(sock, __sk_common.skc_family) == AF_INET) {
        // As IPv6 sockets show IPv4 addresses.
        addresses->local.bytes[10] = addresses->local.bytes[11] = 0xff;
        addresses->remote.bytes[10] = addresses->remote.bytes[11] = 0xff;
        BPF_CORE_READ_INTO((__u32 *)&addresses->local.bytes[12], sock, __sk_common.skc_rcv_saddr);
        BPF_CORE_READ_INTO((__u32 *)&addresses->remote.bytes[12], sock, __sk_common.skc_daddr);
    } else {
        BPF_CORE_READ_INTO((struct in6_addr *)&addresses->local, sock, __sk_common.skc_v6_rcv_saddr);
        BPF_CORE_READ_INTO((struct in6_addr *)&addresses->remote, sock, __sk_common.skc_v6_daddr);
    }
}

static __always_inline bool same_address(const struct address *left, const struct address *right)
{
    const __u64 *a = (const __u64 *)left, *b = (const __u64 *)right;
    return a[0] == b[0] && a[1] == b[1];
}

static __always_inline bool is_any(const struct address *address)
{
    const __u32 *words = (const __u32 *)address;
    return !words[0] && !words[1] && !words[3];
}

// Whether what goes out of one socket comes in at the other: a UDP socket may be connected on one side only, and
// bound to any address.
static __noinline bool is_peer(struct sock *sender, struct sock *receiver)
{
    struct addresses from, to;
    read_addresses(sender, &from);
    read_addresses(receiver, &to);
    if (from.remote_port ? from.remote_port != to.local_port : !to.remote_port)
        return false;
    if (to.remote_port && to.remote_port != from.local_port)
        return false;
    if (from.remote_port && !same_address(&from.remote, &to.local) && !is_any(&to.local))
        return false;
    return !to.remote_port || same_address(&to.remote, &from.local) || is_any(&from.local);
}

static __always_inline struct sock *sock_of(struct file *file)
{
    if (!file || (inode_mode(file) & S_IFMT) != S_IFSOCK)
        return NULL;
    return POINTER(socket, POINTER(file, file, private_data), sk);
}

// The file that the present system call of `task`, the current one, works on.
static __always_inline struct file *file_in_use(struct task_struct *task, long *number)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    *number = syscall_number(regs);
    if (*number < 0 || *number >= CALL_COUNT || (task->flags & PF_KTHREAD))
        return NULL;
    switch (call_classes[*number]) {
    case CALL_READ:
    case CALL_WRITE:
    case CALL_FILE:
    case CALL_CONNECT:
    case CALL_ACCEPT:
    case CALL_SENDFILE:
    case CALL_CLOSE:
        return file_of(task, syscall_argument(regs, 0));
    case CALL_SPLICE:
        return file_of(task, syscall_argument(regs, 2));
    }
    return NULL;
}

// Whether the interrupted task is the one that sends to this socket: then the interrupt does its work.
static __noinline bool is_sending_to(struct task_struct *current, struct sock *receiver)
{
    long number;
    struct sock *sender = sock_of(file_in_use(current, &number));
    return sender && receiver && is_peer(sender, receiver);
}

static __always_inline __u32 member_with(struct thread *thread, __u64 object)
{
    __u32 found = 0;
    for (int i = 0; i < STALL_SET_MEMBERS; i++)
        if (object && thread->members[i].inode == object)
            found = thread->members[i].resource;
    return found;
}

static __always_inline __u32 socket_member(struct thread *thread, struct sock *sock)
{
    return sock ? member_with(thread, socket_inode(BPF_CORE_READ(sock, sk_socket))) : 0;
}

// Of several polled descriptors, the one that the waking is about: its timer expires, the waker works on it, or
// data came for its socket just now.
static __noinline __u32 polled_member(struct task_struct *waker, struct thread *thread, struct cpu *cpu)
{
    if (!thread || !cpu)
        return 0;
    struct sock *peer = NULL;
    if (present_context(waker, cpu) == CONTEXT_TASK) {
        long number;
        struct file *file = file_in_use(waker, &number);
        struct sock *sock = sock_of(file);
        if (file && !sock) {
            __u32 member = member_with(thread, BPF_CORE_READ(file, f_inode, i_ino));
            return member ? member : member_with(thread, (__u64)BPF_CORE_READ(file, private_data));
        }
        if (sock && BPF_CORE_READ(sock, __sk_common.skc_family) == AF_UNIX)
            peer = BPF_CORE_READ((struct unix_sock *)sock, peer);
    } else if (cpu->timer) {
        return member_with(thread, cpu->timer);  // what a timerfd keeps begins with its timer
    }
    __u32 member = socket_member(thread, ready_sock(cpu));
    return member ? member : socket_member(thread, peer);
}

// The futex that a waker names, if it is not the one that the waiter went to sleep on: it was requeued meanwhile,
// or is one of several.
static __noinline __u32 woken_futex(struct task_struct *waker, struct task_struct *task, struct thread *thread)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(waker);
    long number = syscall_number(regs);
    if (!thread || (number != CALL_NUMBER_FUTEX && number != CALL_NUMBER_FUTEX_WAKE))
        return 0;
    __u64 address = syscall_argument(regs, 0);
    if (thread->wait.syscall == CALL_NUMBER_FUTEX_WAITV)
        return member_with(thread, address);
    // A shared futex has another address in another process.
    if (thread->futex_tick || waker->tgid != task->tgid || address == thread->futex_address)
        return 0;
    return meet_futex(task, thread, address, false);
}

// The id of the present task's thread, if it is tracked.
static __always_inline __u32 present_thread(struct task_struct *task, struct cpu *cpu)
{
    // The switch to it may have gone unseen.
    if (cpu->running && turn_of(cpu, 0)->tid == task->pid)
        return cpu->running;
    struct thread *thread = thread_of(task);
    return thread ? thread->id : 0;
}

static __always_inline void set_waker_thread(struct thread *thread, struct task_struct *waker, struct cpu *cpu,
                                             __u8 kind)
{
    thread->waker_kind = kind;
    if (config.has_intervals)
        thread->waker_thread = present_thread(waker, cpu);
    thread->waker_pid = waker->tgid;
    thread->waker_tid = waker->pid;
    thread->waker_comm[0] = *(__u64 *)&waker->comm[0];
    thread->waker_comm[1] = *(__u64 *)&waker->comm[8];
}

// The socket that a thread waits on, or the member of its set that has become ready.
static __always_inline struct sock *awaited_sock(struct thread *thread)
{
    switch (thread->wait.kind) {
    case STALL_WAIT_EPOLL:
        return thread->wait_object ? sock_of(ready_file(thread->wait_object)) : NULL;
    case STALL_WAIT_INET:
    case STALL_WAIT_ACCEPT:
    case STALL_WAIT_CONNECT:
    case STALL_WAIT_POLL:
        return sock_of((struct file *)thread->wait_object);
    default:
        return NULL;
    }
}

// A waking in an interrupt.  The task that it interrupted has nothing to do with it, unless it is sending over
// loopback: then the receiver is served on its CPU.
static __noinline int set_interrupt_waker(struct task_struct *waker, struct task_struct *task,
                                          struct thread *thread, struct cpu *cpu)
{
    if (!thread || !cpu)
        return 0;
    if (cpu->timer) {
        set_waker_kind(thread, STALL_WAKER_TIMER);
        if (thread->wait.kind != STALL_WAIT_SLEEP && is_own_timeout(cpu, task))
            thread->waker_flags = STALL_WAIT_TIMED_OUT;
        return 0;
    }
    if (waits_for_disk(&thread->wait)) {
        set_waker_kind(thread, STALL_WAKER_BLOCK);
        return 0;
    }
    struct sock *sock = awaited_sock(thread);
    if (!sock && thread->wait.kind == STALL_WAIT_POLL && thread->waker_member)
        sock = ready_sock(cpu);
    if (!sock) {
        set_waker_kind(thread, STALL_WAKER_INTERRUPT);
        return 0;
    }
    // Whoever was found to send to this socket before does so now.
    struct known_sender *known = &thread->senders[place_of((__u64)sock, KNOWN_SENDERS)];
    if (known->sock == (__u64)sock && known->tid == waker->pid) {
        set_waker_thread(thread, waker, cpu, STALL_WAKER_THREAD);
    } else if (is_sending_to(waker, sock)) {
        known->sock = (__u64)sock;
        known->tid = waker->pid;
        set_waker_thread(thread, waker, cpu, STALL_WAKER_THREAD);
    } else {
        set_waker_kind(thread, STALL_WAKER_NETWORK);
    }
    return 0;
}

static __always_inline void set_waker(struct task_struct *waker, struct task_struct *task, struct thread *thread,
                                      struct cpu *cpu)
{
    enum context context = present_context(waker, cpu);
    thread->waker_flags = 0;
    thread->waker_member = 0;
    thread->woken_wait = thread->off_since;
    barrier();
    if (thread->wait.kind == STALL_WAIT_POLL && thread->member_count > 1)
        thread->waker_member = polled_member(waker, thread, cpu);
    else if (thread->wait.kind == STALL_WAIT_FUTEX && context == CONTEXT_TASK)
        thread->waker_member = woken_futex(waker, task, thread);
    if (context == CONTEXT_TASK)
        set_waker_thread(thread, waker, cpu, STALL_WAKER_THREAD);
    else
        set_interrupt_waker(waker, task, thread, cpu);
}
#endif
