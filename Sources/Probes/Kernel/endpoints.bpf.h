// Processes that become targets because they use an endpoint that is watched.
#ifndef STALL_ENDPOINTS_H
#define STALL_ENDPOINTS_H

#include "births.bpf.h"
#include "wakers.bpf.h"

static __always_inline bool is_at(const struct address *address, __u16 port, int index)
{
    struct address watched;
    __builtin_memcpy(&watched, (const void *)config.endpoints[index].address, sizeof(watched));
    return port == config.endpoints[index].port &&
           (same_address(address, &watched) || is_any(address) || is_any(&watched));
}

// Whether a socket's own end or the other one is watched.
static __noinline bool is_watched(struct sock *sock)
{
    struct addresses ends;
    read_addresses(sock, &ends);
    for (int i = 0; i < STALL_ENDPOINTS; i++) {
        if (i >= config.endpoint_count)
            break;
        if (is_at(&ends.local, ends.local_port, i) || is_at(&ends.remote, ends.remote_port, i))
            return true;
    }
    return false;
}

// The current thread has begun to listen or to connect.
static __noinline int use_endpoint(struct task_struct *task, struct sock *sock)
{
    if (!task || task->tgid == config.collector_pid || task->flags & PF_KTHREAD || !is_watched(sock))
        return 0;
    struct found found = {};
    __u64 now = bpf_ktime_get_boot_ns();
    struct thread *thread = track_found(task, &found, 0, STALL_BIRTH_ENDPOINT, now);
    if (!thread)
        return 0;
    begin(task, thread, STALL_STATE_ON_CPU, now);
    thread->stolen_before = taken_from(run_queue_of(task));
    return 0;
}
#endif
