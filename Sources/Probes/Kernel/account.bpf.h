// Where a thread's time goes: leaving a CPU, being woken, coming into a run queue, being given a CPU, and the end.
#ifndef STALL_ACCOUNT_H
#define STALL_ACCOUNT_H

#include "classify.bpf.h"
#include "clock.bpf.h"
#include "intervals.bpf.h"
#include "occupants.bpf.h"
#include "transitions.bpf.h"
#include "waits.bpf.h"

static __always_inline struct stall_sample *sample_of(struct thread *thread, __u64 word)
{
    return &thread->bank[bank_of(word)];
}

static __always_inline void add_blocked(struct stall_sample *bank, __u64 time, __u8 flags)
{
    if (flags & STALL_WAIT_UNINTERRUPTIBLE)
        bank->uninterruptible += time;
    else
        bank->interruptible += time;
    if (flags & STALL_WAIT_IO)
        bank->io_wait += time;
}

// Time on a CPU, of which a part was stolen: as far as the CPU's clock of tasks has fallen behind since the last look.
static __always_inline void add_on_cpu(struct thread *thread, struct stall_sample *bank, __u64 taken, __u64 length)
{
    __u64 before = thread->stolen_before;
    bank->on_cpu += length;
    // The switch and the iterator may look at once: one of them counts it.
    if ((__s64)(taken - before) > 0 &&
        __sync_val_compare_and_swap(&thread->stolen_before, before, taken) == before)
        bank->stolen += taken - before < length ? taken - before : length;
}

// The wait that a thread comes back from gets its name in the sums: what it was for, and who ended it.
static __always_inline void end_wait(struct thread *thread, struct stall_sample *bank, __u32 index)
{
    __u64 length = elapsed(thread->off_since, thread->woken_at);
    if (thread->off_since < bank->from) {
        bank->carried = 1;
        bank->carried_waker_kind = thread->waker_kind;
        bank->carried_waker_pid = thread->waker_pid;
        bank->carried_waker_tid = thread->waker_tid;
        bank->carried_flags = thread->waker_flags;
        bank->carried_member = thread->woken_wait == thread->off_since ? thread->waker_member : 0;
        ((__u64 *)bank->carried_waker_comm)[0] = thread->waker_comm[0];
        ((__u64 *)bank->carried_waker_comm)[1] = thread->waker_comm[1];
    }
    struct stall_wait_key key;
    wait_key(thread, true, &key);
    struct stall_wait *wait = wait_sums(bank, index, &key, thread->waker_comm);
    wait->value.count++;
    wait->value.total += thread->waited[index];
    thread->waited[index] = 0;
    if (length > wait->value.max)
        wait->value.max = length;
    wait->value.hist[histogram_slot(length)]++;

    __u64 waking = elapsed(thread->woken_at, thread->queued_at);
    bank->wakings++;
    if (waking > bank->waking_max)
        bank->waking_max = waking;
    bank->waking_hist[histogram_slot(waking)]++;

    bank->wakeups++;
    if (thread->last_wake) {
        __u64 gap = elapsed(thread->last_wake, thread->woken_at);
        bank->wake_gaps++;
        bank->wake_gap_total += gap;
        bank->wake_gap_hist[histogram_slot(gap)]++;
    }
    thread->last_wake = thread->woken_at;
}

// A wait is over, and nobody was seen to end it.
static __always_inline void end_unseen(struct thread *thread, struct stall_sample *bank, __u32 index, __u64 time,
                                       __u64 now)
{
    set_waker_kind(thread, STALL_WAKER_UNKNOWN);
    add_blocked(bank, time, thread->wait.flags);
    thread->waited[index] += time;
    thread->woken_at = thread->queued_at = now;
    bank->waits_without_waker++;
}

static __always_inline void end_run_queue(struct task_struct *task, struct thread *thread,
                                          struct stall_sample *bank, __u32 index, struct cpu *cpu, __u64 time,
                                          __u64 now)
{
    __u64 length = elapsed(thread->queued_at, now);
    bank->run_queue += time;
    bank->run_queues++;
    if (length > bank->run_queue_max)
        bank->run_queue_max = length;
    bank->run_queue_hist[histogram_slot(length)]++;
    struct queued queued = { .span = { .from = now - time, .to = now, .bank = index }, .thread = thread, .cpu = cpu };
    queued.span.main_kind = STALL_OCCUPANT_THREAD;
    if (time && !charge_same_occupant(task, thread, bank, cpu, now - time, time))
        charge_occupants(task, &queued);
    thread->occupant_kind = queued.span.main_kind;
    thread->occupant_back = queued.span.main_back;
}

// The thread is given a CPU: its time off the CPU is over, and what it was is added up.
static __always_inline void arrive(struct task_struct *task, struct thread *thread, struct cpu *cpu, __u64 taken,
                                   __u64 ran, __u64 now, bool is_seen)
{
    begin_booking(&thread->switching);
    __u64 old = move_on(thread, ARRIVES, &now);
    __u64 time = now - since_of(old), queued = 0;
    __u32 index = bank_of(old), state = state_of(old);
    struct stall_sample *bank = sample_of(thread, old);
    if (!is_seen)
        bank->missed_switches++;
    if (is_on_cpu(old)) {
        // It has left one, which went unseen.
        bank->missed_switches++;
        add_on_cpu(thread, bank, thread->stolen_before, time);
        thread->stolen_before = taken;
    }
    if (!is_off_cpu(old)) {
        end_booking(&thread->switching);
        return;
    }
    if (state == STALL_STATE_BLOCKED) {
        end_unseen(thread, bank, index, time, now);
    } else if (state == STALL_STATE_WAKING) {
        bank->waking += time;
        thread->queued_at = now;
    } else {
        queued = time;
    }
    if (!thread->preempted) {
        if (is_seen && thread->wait.kind == STALL_WAIT_EPOLL && thread->wait_object) {
            struct file *ready = ready_file(thread->wait_object);
            thread->waker_member = ready ? look_up_file(task, thread, ready)->resource : 0;
            thread->woken_wait = thread->off_since;
        }
        end_wait(thread, bank, index);
    }
    end_run_queue(task, thread, bank, index, cpu, queued, now);
    thread->burst_start = now;
    thread->ran_before = ran;
    thread->stolen_before = taken;
    if (config.has_intervals)
        keep_interval(thread, cpu, now, !is_seen);
    end_booking(&thread->switching);
}

// At a switch, before the turn of `task` begins on `cpu`.  A function of its own for the sake of its stack, which is not
// needed by the time the other task's wait is named.
static __noinline int enter_cpu(struct task_struct *task, struct thread *thread, struct cpu *cpu, __u64 taken, __u64 now)
{
    arrive(task, thread, cpu, taken, task->se.sum_exec_runtime, now, true);
    return 0;
}

// The current task is off the CPU by our account, and was given one: programs do not run at every switch of every
// kernel.  The kernel's own account says for how long it has run; it must have arrived that long ago.  Global, so that
// the verifier looks at it once, by itself.
__noinline int enter_unseen(__u64 taken)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread *thread = thread_of(task);
    struct cpu *cpu = this_cpu();
    if (!thread || !cpu)
        return 0;
    __u64 ran = elapsed(thread->ran_before, task->se.sum_exec_runtime);
    __u64 arrived = elapsed(ran, bpf_ktime_get_boot_ns());
    arrive(task, thread, cpu, taken, thread->ran_before, arrived, false);
    // Only now, so that it has not waited for itself.
    __sync_fetch_and_add(&control.unseen_turns, 1);
    begin_turn(cpu, task, thread, arrived);
    return 0;
}

// The current task leaves its CPU; returns when.
static __always_inline __u64 leave_cpu(struct task_struct *task, struct thread *thread, __u32 event, __u32 state,
                                      __u64 taken)
{
    bool blocks = event == LEAVES_BLOCKED;
    begin_booking(&thread->switching);
    if (blocks)
        classify_current(thread, state);
    __u64 now = bpf_ktime_get_boot_ns();
    // Whoever wakes it from now on sees the wait that begins.
    thread->off_since = now;
    thread->preempted = !blocks;
    if (event == LEAVES_RUNNABLE) {
        thread->queued_at = now;
        note_throttling(task, thread);
    }
    barrier();
    __u64 old = move_on(thread, event, &now);
    if (is_on_cpu(old)) {
        struct stall_sample *bank = sample_of(thread, old);
        add_on_cpu(thread, bank, taken, now - since_of(old));
        __u64 burst = elapsed(thread->burst_start, now);
        bank->bursts++;
        bank->burst_total += burst;
        if (burst > bank->burst_max)
            bank->burst_max = burst;
        bank->burst_hist[histogram_slot(burst)]++;
    }
    if (blocks && state_of(old) == STALL_STATE_ON_CPU_WOKEN) {
        thread->woken_at = now;
        // What the interrupt was about was not known before the wait was.
        if (thread->waker_kind == STALL_WAKER_INTERRUPT && waits_for_disk(&thread->wait))
            thread->waker_kind = STALL_WAKER_BLOCK;
    }
    thread->ran_before = task->se.sum_exec_runtime;
    end_booking(&thread->switching);
    return now;
}

// Somebody has woken the thread: the wait is over, and who that was is noted already.
static __always_inline void end_blocked(struct thread *thread)
{
    __u64 now = bpf_ktime_get_boot_ns();
    __u64 old = move_on(thread, IS_WOKEN, &now);
    if (state_of(old) != STALL_STATE_BLOCKED)
        return;
    __u64 time = now - since_of(old);
    add_blocked(sample_of(thread, old), time, thread->wait.flags);
    thread->waited[bank_of(old)] += time;
    thread->woken_at = now;
}

// The thread is in a run queue.
static __always_inline void enter_run_queue(struct task_struct *task, struct thread *thread)
{
    begin_booking(&thread->waking);
    __u64 now = bpf_ktime_get_boot_ns();
    __u64 old = move_on(thread, IS_QUEUED, &now);
    __u64 time = now - since_of(old);
    __u32 state = state_of(old);
    if (state == STALL_STATE_WAKING) {
        sample_of(thread, old)->waking += time;
        thread->queued_at = now;
    } else if (state == STALL_STATE_BLOCKED) {
        end_unseen(thread, sample_of(thread, old), bank_of(old), time, now);
    }
    if (state == STALL_STATE_WAKING || state == STALL_STATE_BLOCKED)
        note_throttling(task, thread);
    end_booking(&thread->waking);
}

// The kernel's own counters since the last hand-over.
static __always_inline void take_kernel_counters(struct task_struct *task, struct thread *thread,
                                                 struct stall_sample *bank)
{
#define TAKE(field, value)                     \
    do {                                       \
        __u64 present = (value);               \
        bank->field = present - thread->field; \
        thread->field = present;               \
    } while (0)
    TAKE(voluntary_switches, task->nvcsw);
    TAKE(involuntary_switches, task->nivcsw);
    TAKE(migrations, task->se.nr_migrations);
    TAKE(minor_faults, task->min_flt);
    TAKE(major_faults, task->maj_flt);
    TAKE(kernel_on_cpu, task->se.sum_exec_runtime);
    TAKE(kernel_run_queue, task->sched_info.run_delay);
#undef TAKE
}

static __always_inline void label(struct task_struct *task, struct thread *thread, __u32 id,
                                  struct stall_sample *bank, __u64 now)
{
    bank->type = STALL_EVENT_SAMPLE;
    bank->thread = id;
    bank->pid = task->tgid;
    bank->tid = task->pid;
    bank->to = now;
    take_kernel_counters(task, thread, bank);
}

// Whether the other bank is still to be handed over, and that is now up to the caller.
static __always_inline bool take_unsent(struct thread *thread)
{
    return thread->unsent && __sync_lock_test_and_set(&thread->unsent, 0);
}

// The thread is watched no more.
static __always_inline void leave_place(struct thread *thread)
{
    unmark(thread);
    __sync_fetch_and_add(&watched_threads, -1);
}

// The thread is switched away from for the last time.
static __always_inline void finish(struct task_struct *task, struct thread *thread)
{
    __u64 word = thread->word;
    __u32 index = bank_of(word);
    struct stall_sample *bank = &thread->bank[index];
    if (take_unsent(thread) && bpf_ringbuf_output(&events, &thread->bank[!index], sizeof(*bank), event_flags()))
        lost(STALL_LOSS_SAMPLE);
    label(task, thread, thread->id, bank, since_of(word));
    bank->final = 1;
    bank->exit_code = task->exit_code;
    thread->id = 0;
    // A leader that ends before its threads leaves its pid to whichever of them calls execve, and at once.
    if (task->pid == task->tgid && BPF_CORE_READ(task, signal, live.counter) > 0)
        mark(task, thread);
    leave_place(thread);
    if (bpf_ringbuf_output(&events, bank, sizeof(*bank), event_flags()))
        lost(STALL_LOSS_SAMPLE);
}
#endif
