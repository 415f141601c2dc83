// The programs.  One object holds all of them, so that they share the maps.
#include "block.bpf.h"
#include "discovery.bpf.h"
#include "endpoints.bpf.h"
#include "pmu.bpf.h"
#include "pagecache.bpf.h"
#include "memory.bpf.h"
#include "retransmits.bpf.h"
#include "rings.bpf.h"
#include "settle.bpf.h"
#include "stacks.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// Runs on the switching CPU, in the context of `prev`, with interrupts off.  An untracked switch costs two
// look-ups and the note of whose turn it is: it reads no clock and touches no hash.
SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state)
{
    struct cpu *cpu = this_cpu();
    if (!cpu)
        return 0;
    struct thread *leaving = prev->pid ? thread_of(prev) : NULL;
    struct thread *entering = next->pid ? thread_of(next) : NULL;
    // The run queue of a CPU stays where it is, so it need not be found from the task each time.
    struct rq *rq = config.has_cast && cpu->rq ? AS(rq, (void *)cpu->rq) : run_queue_of(next);
    if (next->tgid == config.collector_pid)
        calibrate(rq);
    if (leaving && is_off_cpu(leaving->word))
        enter_unseen(taken_from(rq));
    else
        find_turn(cpu, prev, leaving);
    // The next task has the CPU when a tracked one leaves it, to the nanosecond: nobody waits for itself, and the clock is
    // read once.  What an ended thread's last sample takes is not the next one's.
    __u64 now = 0;
    if (leaving) {
        // `prev_state` is what the task asked for; it stays runnable all the same if a signal was pending,
        // and then its state is running again.
        bool dead = prev_state & TASK_DEAD;
        bool blocks = !preempt && prev_state && prev->__state;
        now = leave_cpu(prev, leaving, dead ? ENDS : blocks ? LEAVES_BLOCKED : LEAVES_RUNNABLE, prev_state,
                  taken_from(rq));
        if (dead) {
            finish(prev, leaving);
            now = 0;
        }
    }
    if (!now)
        now = entering ? bpf_ktime_get_boot_ns() : boot_time(rq->clock);
    if (entering)
        enter_cpu(next, entering, cpu, taken_from(rq), now);
    begin_turn(cpu, next, entering, now);
    if (!cpu->rq)
        cpu->rq = (__u64)rq;
    return 0;
}

SEC("tp_btf/sched_waking")
int BPF_PROG(on_waking, struct task_struct *task)
{
    struct thread *thread = thread_of(task);
    struct cpu *cpu = this_cpu();
    if (!cpu || (!thread && !(config.follow && cpu->running)))
        return 0;
    struct task_struct *waker = bpf_get_current_task_btf();
    if (!thread) {
        struct thread *from = thread_of(waker);
        if (from && from->refused != task->pid)
            follow_woken(task, waker, from, cpu);
        return 0;
    }
    // Whoever is still on its CPU and becomes runnable again by itself, or for a signal, ends no wait.
    if (waker == task)
        return 0;
    set_waker(waker, task, thread, cpu);
    begin_booking(&thread->waking);
    end_blocked(thread);
    end_booking(&thread->waking);
    if (config.follow && !cpu->running && thread->waker_kind == STALL_WAKER_THREAD)
        if (waker->flags & PF_KTHREAD ? is_delegated(thread) : is_communication(thread))
            follow_waker(waker, thread);
    return 0;
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
    struct thread *thread = thread_of(task);
    if (thread)
        enter_run_queue(task, thread);
    return 0;
}

// Marks for the wakings that come next on this CPU.

SEC("tp_btf/sk_data_ready")
int BPF_PROG(on_data_ready, struct sock *sock)
{
    struct cpu *cpu = this_cpu();
    if (!cpu)
        return 0;
    cpu->ready = (__u64)sock;
    cpu->ready_at = bpf_jiffies64();
    return 0;
}

SEC("tp_btf/hrtimer_expire_entry")
int BPF_PROG(on_hrtimer, struct hrtimer *timer)
{
    mark_timer((__u64)timer, bpf_core_field_offset(struct hrtimer_sleeper, task));
    return 0;
}

SEC("tp_btf/hrtimer_expire_exit")
int BPF_PROG(on_hrtimer_done)
{
    mark_timer(0, 0);
    return 0;
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(on_timer, struct timer_list *timer)
{
    mark_timer((__u64)timer, bpf_core_field_offset(struct process_timer, task));
    return 0;
}

SEC("tp_btf/timer_expire_exit")
int BPF_PROG(on_timer_done)
{
    mark_timer(0, 0);
    return 0;
}

// What the current thread is about to sleep for.

SEC("tp_btf/block_bio_queue")
int BPF_PROG(on_bio, struct bio *bio)
{
    struct thread *thread = current_thread();
    if (thread) {
        struct task_struct *task = bpf_get_current_task_btf();
        thread->device = bio->bi_bdev->bd_dev;
        thread->device_call = syscall_number((struct pt_regs *)bpf_task_pt_regs(task));
        thread->swap_number = reads_from_swap(bio) ? task->min_flt + task->maj_flt + 1 : 0;
    }
    return 0;
}

SEC("tp_btf/mm_filemap_fault")
int BPF_PROG(on_file_fault, struct address_space *mapping)
{
    struct thread *thread = current_thread();
    if (thread) {
        struct task_struct *task = bpf_get_current_task_btf();
        thread->fault_inode = (__u64)mapping->host;
        thread->fault_number = task->min_flt + task->maj_flt;
    }
    return 0;
}

// include/trace/events/lock.h: contention that only spins does not sleep.
#define LCB_F_SPIN 1

SEC("tp_btf/contention_begin")
int BPF_PROG(on_contention, void *lock, unsigned int flags)
{
    struct thread *thread = flags & LCB_F_SPIN ? NULL : current_thread();
    if (thread)
        thread->kernel_lock = (__u64)lock;
    return 0;
}

SEC("tp_btf/contention_end")
int BPF_PROG(on_contention_end, void *lock)
{
    struct thread *thread = current_thread();
    if (thread && thread->kernel_lock == (__u64)lock)
        thread->kernel_lock = 0;
    return 0;
}

// Attached only where endpoints are watched.
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_socket_state, struct sock *sock, int old_state, int state)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct cpu *cpu = this_cpu();
    if ((state == TCP_SYN_SENT || state == TCP_LISTEN) && cpu && present_context(task, cpu) == CONTEXT_TASK &&
        !thread_of(task))
        use_endpoint(task, sock);
    return 0;
}

// Of a process that is no target: it may be one from now on.
static __noinline int tell_start(struct task_struct *task)
{
    if (!config.tells_starts || task->tgid == config.collector_pid)
        return 0;
    struct stall_rename *start = bpf_ringbuf_reserve(&events, sizeof(*start), 0);
    if (!start) {
        lost(STALL_LOSS_EVENT);
        return 0;
    }
    start->type = STALL_EVENT_START;
    start->thread = 0;
    start->pid = task->tgid;
    start->tid = task->pid;
    start->at = bpf_ktime_get_boot_ns();
    BPF_CORE_READ_STR_INTO(&start->comm, task, group_leader, comm);
    // At once: what it does until it is adopted is not seen.
    bpf_ringbuf_submit(start, BPF_RB_FORCE_WAKEUP);
    return 0;
}

// Runs in the parent, before the child does: nothing of its life is missed, and its ids are the host's.
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
    struct thread *creator = thread_of(parent);
    __u64 now = bpf_ktime_get_boot_ns();
    struct thread *thread = NULL;
    if (creator ? config.follow_children || child->tgid == parent->tgid
                : is_being_adopted(parent) && (config.follow_children || child->tgid == parent->tgid))
        thread = track(child, creator, STALL_BIRTH_FORKED, now);
    else if (control.spawning && parent->tgid == config.collector_pid && child->tgid != config.collector_pid)
        thread = track(child, NULL, STALL_BIRTH_SPAWNED, now);
    // It waits for its first turn from now on.
    if (thread)
        begin(child, thread, STALL_STATE_RUN_QUEUE, now);
    return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_tid, struct linux_binprm *binary)
{
    struct thread *thread = thread_of(task);
    if (!thread)
        return tell_start(task);
    // A thread other than the leader has taken over the leader's pid.
    if (thread->marked != task->pid) {
        unmark(thread);
        mark(task, thread);
    }
    // Its addresses mean something else from now on.
    thread->incarnation = incarnation_of(task);
    thread->futex_address = 0;
    struct stall_exec *exec = bpf_ringbuf_reserve(&events, sizeof(*exec), 0);
    if (!exec) {
        lost(STALL_LOSS_EVENT);
        return 0;
    }
    exec->type = STALL_EVENT_EXEC;
    exec->thread = thread->id;
    exec->pid = task->tgid;
    exec->tid = task->pid;
    exec->old_tid = old_tid;
    exec->at = bpf_ktime_get_boot_ns();
    __builtin_memcpy(exec->comm, task->comm, sizeof(exec->comm));
    bpf_probe_read_kernel_str(exec->path, sizeof(exec->path), binary->filename);
    // The new program's arguments were written a moment ago, so their pages are there.
    __u64 start = task->mm->arg_start;
    __u32 length = task->mm->arg_end - start;
    exec->args_len = length;
    if (length >= sizeof(exec->args))
        length = sizeof(exec->args) - 1;
    // The verifier wants to see the bound on the very value that is used.
    asm volatile("%0 &= %1" : "+r"(length) : "i"(sizeof(exec->args) - 1));
    if (bpf_probe_read_user(exec->args, length, (void *)start))
        exec->args_len = 0;
    bpf_ringbuf_submit(exec, event_flags());
    return 0;
}

SEC("tp_btf/task_rename")
int BPF_PROG(on_rename, struct task_struct *task, const char *comm)
{
    struct thread *thread = thread_of(task);
    // The name is set after this, and read some time after that.
    if (!thread)
        return tell_start(task);
    struct stall_rename *rename = bpf_ringbuf_reserve(&events, sizeof(*rename), 0);
    if (!rename) {
        lost(STALL_LOSS_EVENT);
        return 0;
    }
    rename->type = STALL_EVENT_RENAME;
    rename->thread = thread->id;
    rename->pid = task->tgid;
    rename->tid = task->pid;
    rename->at = bpf_ktime_get_boot_ns();
    bpf_probe_read_kernel_str(rename->comm, sizeof(rename->comm), comm);
    bpf_ringbuf_submit(rename, event_flags());
    return 0;
}

// With the path, since the process may be gone before anybody can ask for it.
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_cgroup_move, struct cgroup *target, const char *path, struct task_struct *task, bool whole)
{
    struct thread *thread = thread_of(task);
    if (!thread)
        return tell_start(task);
    struct stall_move *move = bpf_ringbuf_reserve(&events, sizeof(*move), 0);
    if (!move) {
        lost(STALL_LOSS_EVENT);
        return 0;
    }
    move->type = STALL_EVENT_MOVED;
    move->thread = thread->id;
    move->pid = task->tgid;
    move->tid = task->pid;
    move->at = bpf_ktime_get_boot_ns();
    move->hierarchy = target->root->hierarchy_id;
    long length = bpf_probe_read_kernel_str(move->path, sizeof(move->path), path);
    move->length = length > 0 ? length : 0;
    bpf_ringbuf_submit(move, event_flags());
    return 0;
}

SEC("iter/task")
int settle(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    struct thread *thread = task ? bpf_task_storage_get(&threads, task, 0, 0) : NULL;
    // A thread may end while its record waits for room in the buffer: then it has lost its id, but not that.
    if (thread && (thread->id || thread->unsent))
        settle_thread(context->meta->seq, task, thread);
    return 0;
}

SEC("iter/task")
int adopt(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    if (!task || !is_wanted(task) || bpf_task_storage_get(&threads, task, 0, 0))
        return 0;
    __u64 now = bpf_ktime_get_boot_ns();
    struct thread *thread = track(task, NULL, STALL_BIRTH_ADOPTED, now);
    if (thread)
        begin_as_found(task, thread, now);
    return 0;
}

SEC("iter/task")
int drop(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    __u32 pid = task ? task->tgid : 0;
    struct thread *thread = task ? bpf_task_storage_get(&threads, task, 0, 0) : NULL;
    if (!thread || !bpf_map_lookup_elem(&wanted, &pid))
        return 0;
    // One that has ended has left already.
    if (thread->id)
        leave_place(thread);
    bpf_task_storage_delete(&threads, task);
    return 0;
}
