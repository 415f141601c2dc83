// Threads that come under watch: created by a tracked thread, or adopted while they run.
#ifndef STALL_BIRTHS_H
#define STALL_BIRTHS_H

#include "account.bpf.h"

// The thread groups that `adopt` looks for.
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __uint(max_entries, 262144);
    __type(key, __u32);
    __type(value, __u32);
} wanted SEC(".maps");

static __always_inline __u32 innermost(struct task_struct *task, __u32 *namespace)
{
    struct pid *pid = BPF_CORE_READ(task, thread_pid);
    __u32 level = BPF_CORE_READ(pid, level);
    struct upid id = {};
    bpf_probe_read_kernel(&id, sizeof(id), (void *)__builtin_preserve_access_index(&pid->numbers) +
                                               (level & 31) * sizeof(id));
    if (namespace)
        *namespace = BPF_CORE_READ(id.ns, ns.inum);
    return id.nr;
}

// How a process was found that nobody asked for.
struct found {
    __u32 by;        // thread
    __u32 resource;
    __u32 kind;      // of the wait
};

static __always_inline void tell_birth(struct task_struct *task, struct thread *thread, __u32 parent_thread,
                                       const struct found *found, __u32 reason, __u64 now)
{
    struct stall_birth *birth = bpf_ringbuf_reserve(&events, sizeof(*birth), 0);
    if (!birth) {
        lost(STALL_LOSS_EVENT);
        return;
    }
    struct task_struct *leader = task->group_leader;
    birth->type = STALL_EVENT_BIRTH;
    birth->thread = thread->id;
    birth->pid = task->tgid;
    birth->tid = task->pid;
    birth->parent_pid = task->real_parent->tgid;
    birth->parent_thread = parent_thread;
    birth->ns_tid = innermost(task, &birth->pid_namespace);
    birth->ns_pid = innermost(leader, NULL);
    birth->at = now;
    birth->started = task->start_boottime;
    birth->process_started = leader->start_boottime;
    birth->cgroup = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn, id);
    birth->net_namespace = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
    birth->reason = reason;
    birth->uid = BPF_CORE_READ(task, cred, uid.val);
    birth->kernel_thread = task->flags & PF_KTHREAD ? 1 : 0;
    birth->found_by = found ? found->by : 0;
    birth->found_resource = found ? found->resource : 0;
    birth->found_kind = found ? found->kind : 0;
    birth->hops = thread->hops;
    birth->reserved = 0;
    __builtin_memcpy(birth->comm, task->comm, sizeof(birth->comm));
    BPF_CORE_READ_STR_INTO(&birth->leader_comm, leader, comm);
    // The collector is to make the rest of a found process targets, soon.
    bpf_ringbuf_submit(birth, found ? BPF_RB_FORCE_WAKEUP : event_flags());
}

// Room for one more thread, or not.
static __always_inline bool take_place(void)
{
    __u32 before = __sync_fetch_and_add(&watched_threads, 1);
    if (!config.thread_limit || before < config.thread_limit)
        return true;
    __sync_fetch_and_add(&watched_threads, -1);
    lost(STALL_LOSS_LIMIT);
    return false;
}

static __always_inline struct thread *give_storage(struct task_struct *task)
{
    if (!take_place())
        return NULL;
    struct thread *thread = bpf_task_storage_get(&threads, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!thread) {
        __sync_fetch_and_add(&watched_threads, -1);
        lost(STALL_LOSS_STORAGE);
        return NULL;
    }
    thread->incarnation = incarnation_of(task);
    if (bpf_core_field_exists(task->io_uring) && task->io_uring)
        ask_for_rings();
    take_kernel_counters(task, thread, &thread->bank[0]);
    thread->bank[0].voluntary_switches = 0;
    return thread;
}

static __always_inline void give_id(struct task_struct *task, struct thread *thread)
{
    mark(task, thread);
    barrier();
    thread->id = __sync_fetch_and_add(&last_thread_id, 1) + 1;
}

// Gives a task storage and thereby makes it tracked.  Its account begins with its first event.
static __always_inline struct thread *track(struct task_struct *task, struct thread *parent, __u32 reason,
                                            __u64 now)
{
    struct thread *thread = give_storage(task);
    if (!thread)
        return NULL;
    if (parent)
        thread->hops = parent->hops;
    give_id(task, thread);
    tell_birth(task, thread, parent ? parent->id : 0, NULL, reason, now);
    return thread;
}

static __always_inline struct thread *track_found(struct task_struct *task, const struct found *found, __u32 hops,
                                                  __u32 reason, __u64 now)
{
    // It may be tracked already: two threads may find the same one at once.
    if (bpf_task_storage_get(&threads, task, 0, 0))
        return NULL;
    struct thread *thread = give_storage(task);
    if (!thread)
        return NULL;
    thread->hops = hops;
    give_id(task, thread);
    tell_birth(task, thread, 0, found, reason, now);
    return thread;
}

static __always_inline bool is_wanted(struct task_struct *task)
{
    __u32 pid = task->tgid;
    // One that is ending does so unwatched: its account would not be closed.
    if (pid == config.collector_pid || task->exit_state || task->flags & PF_EXITING)
        return false;
    if (control.adopt_all)
        return true;
    return bpf_map_lookup_elem(&wanted, &pid) != NULL;
}

// The process of a task that creates another is being adopted, and that task's turn has not come.
static __always_inline bool is_being_adopted(struct task_struct *parent)
{
    __u32 pid = parent->tgid;
    return control.adopting && bpf_map_lookup_elem(&wanted, &pid);
}

// Whatever state the task is in; a target since `now`, it has been in it since then.  The guess may be wrong by one event,
// and the next one sets it right.
static __always_inline void begin_as_found(struct task_struct *task, struct thread *thread, __u64 now)
{
    __u32 state = task->__state;
    bool on_cpu = task->on_cpu;
    if (!on_cpu && state)
        classify(task, thread, state);
    begin(task, thread, on_cpu ? STALL_STATE_ON_CPU : state ? STALL_STATE_BLOCKED : STALL_STATE_RUN_QUEUE, now);
    if (on_cpu)
        thread->stolen_before = taken_from_other(run_queue_of(task));
}
#endif
