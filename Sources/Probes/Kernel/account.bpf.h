// Where a thread's time goes: the two switches, the hand-over at a tick, and the last one.
#ifndef STALL_ACCOUNT_H
#define STALL_ACCOUNT_H

#include "classify.bpf.h"
#include "clock.bpf.h"
#include "intervals.bpf.h"
#include "occupants.bpf.h"
#include "waits.bpf.h"

static __always_inline __u64 word_at(__u64 old, __u64 state, __u64 now)
{
    // The iterator may have settled the thread at a moment that is later by the clocks' disagreement.
    __u64 since = old >> WORD_SHIFT;
    return (now > since ? now : since) << WORD_SHIFT | (old & WORD_BANK) | state;
}

// Moves the thread to `state` at `now` and returns the word before, whose time the caller now owns.  The
// iterator can come between at most once a tick, so the second try succeeds.
static __always_inline __u64 move_to(struct thread *thread, __u64 state, __u64 now)
{
    __u64 old = thread->word;
    __u64 seen = __sync_val_compare_and_swap(&thread->word, old, word_at(old, state, now));
    if (seen != old) {
        old = seen;
        __sync_val_compare_and_swap(&thread->word, old, word_at(old, state, now));
    }
    return old;
}

static __always_inline __u64 elapsed(__u64 since, __u64 now)
{
    return now > since ? now - since : 0;
}

// The first event of a thread: its account begins.
static __always_inline void begin(struct thread *thread, __u64 state, __u64 now)
{
    __u64 bank = control.tick & 1;
    thread->burst_start = now;
    thread->bank[bank].from = now;
    __sync_val_compare_and_swap(&thread->word, 0, now << WORD_SHIFT | (bank ? WORD_BANK : 0) | state);
}

// A kernel that knows of stolen time (PARAVIRT_TIME_ACCOUNTING) adds what the hypervisor took from a running
// task to its run-queue time.  So do we: the task had a CPU's place, but no CPU.
static __always_inline void add_on_cpu(struct task_struct *task, struct thread *thread,
                                       struct stall_sample *bank, __u64 length)
{
    __u64 sum = task->sched_info.run_delay, before = thread->queued_before;
    // The switch and the iterator may come here at once for the two sides of a tick: one of them takes it.
    if (sum > before && __sync_val_compare_and_swap(&thread->queued_before, before, sum) == before) {
        __u64 stolen = sum - before < length ? sum - before : length;
        bank->run_queue += stolen;
        bank->stolen += stolen;
        length -= stolen;
    }
    bank->on_cpu += length;
}

static __always_inline void leave_cpu(struct task_struct *task, struct thread *thread, bool blocks, __u32 state,
                                      bool dead, __u64 now)
{
    thread->preempted = !blocks;
    thread->queued_left = task->sched_info.run_delay;
    // What ended an earlier wait is not to be taken for what ends this one if that goes unseen.  Whoever has woken it
    // already, as it was about to leave, has.
    if (blocks && !thread->woken)
        set_waker_kind(thread, 0);
    if (blocks)
        classify_current(thread, state);
    else
        note_throttling(task, thread);
    // Last, so that a waker that sees it sees the wait that began then.
    barrier();
    thread->off_since = now;
    if (!thread->word) {
        thread->queued_before = task->sched_info.run_delay;
        begin(thread, dead ? WORD_ENDED : WORD_OFF, now);
        return;
    }

    thread->seq++;
    barrier();
    // The iterator leaves an ended thread alone, so its last bank is ours from here on.
    __u64 old = move_to(thread, dead ? WORD_ENDED : WORD_OFF, now);
    struct stall_sample *bank = &thread->bank[old & WORD_BANK ? 1 : 0];
    add_on_cpu(task, thread, bank, elapsed(old >> WORD_SHIFT, now));
    __u64 burst = elapsed(thread->burst_start, now);
    bank->bursts++;
    bank->burst_total += burst;
    if (burst > bank->burst_max)
        bank->burst_max = burst;
    bank->burst_hist[histogram_slot(burst)]++;
    barrier();
    thread->seq++;
}

struct off_time {
    __u64 blocked;
    __u64 run_queue;
};

// Splits `length` ns off the CPU into waiting and run queue, given how much of it the kernel has seen the
// task on run queues.  A wait so ends when the thread is on a run queue again, not when its waker begins to
// put it there.
static __always_inline struct off_time split_off_time(bool preempted, __s64 queued, __u64 length)
{
    struct off_time time = { .blocked = 0, .run_queue = length };
    if (queued < 0)
        queued = 0;
    if (!preempted && queued < length) {
        time.blocked = length - queued;
        time.run_queue = queued;
    }
    return time;
}

static __always_inline void add_off_time(struct stall_sample *bank, struct off_time time, __u8 flags)
{
    bank->run_queue += time.run_queue;
    if (flags & STALL_WAIT_UNINTERRUPTIBLE)
        bank->uninterruptible += time.blocked;
    else
        bank->interruptible += time.blocked;
    if (flags & STALL_WAIT_IO)
        bank->io_wait += time.blocked;
}

static __always_inline void end_wait(struct thread *thread, struct stall_sample *bank, __u32 index,
                                     __u64 blocked, __u64 ended)
{
    __u64 length = ended - thread->off_since;
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
    wait->value.total += blocked;
    if (length > wait->value.max)
        wait->value.max = length;
    wait->value.hist[histogram_slot(length)]++;

    bank->wakeups++;
    if (thread->last_wake) {
        __u64 gap = ended - thread->last_wake;
        bank->wake_gaps++;
        bank->wake_gap_total += gap;
        bank->wake_gap_hist[histogram_slot(gap)]++;
    }
    thread->last_wake = ended;
}

static __always_inline void end_run_queue(struct task_struct *task, struct thread *thread,
                                          struct stall_sample *bank, __u32 index, struct cpu *cpu, __u64 time,
                                          __u64 now)
{
    __u64 length = thread->preempted ? now - thread->off_since : time;
    bank->run_queues++;
    if (length > bank->run_queue_max)
        bank->run_queue_max = length;
    bank->run_queue_hist[histogram_slot(length)]++;
    struct queued queued = { .from = now - time, .to = now, .thread = thread, .cpu = cpu, .bank = index };
    queued.main_kind = STALL_OCCUPANT_THREAD;
    if (time && !charge_same_occupant(thread, bank, cpu, now - time, time))
        charge_occupants(task, &queued);
    thread->throttled = false;
    thread->occupant_kind = queued.main_kind;
    thread->occupant_back = queued.main_back;
}

// The thread's time off its CPU is over, and what it was is added up.
static __always_inline void end_off_time(struct task_struct *task, struct thread *thread, struct cpu *cpu, __u64 now,
                                         bool names_member)
{
    __u64 queued = queued_time(task, now);
    if (!thread->word) {
        thread->queued_before = queued;
        begin(thread, WORD_ON, now);
        return;
    }
    // Picked again without any waking.
    if (!thread->waker_kind)
        set_waker_kind(thread, STALL_WAKER_UNKNOWN);
    thread->woken = false;
    thread->seq++;
    barrier();
    __u64 old = move_to(thread, WORD_ON, now);
    __u32 index = old & WORD_BANK ? 1 : 0;
    struct stall_sample *bank = &thread->bank[index];
    __u64 before = thread->queued_before;
    thread->queued_before = queued;
    struct off_time time = split_off_time(thread->preempted, queued - before, elapsed(old >> WORD_SHIFT, now));
    add_off_time(bank, time, thread->wait.flags);
    if (names_member && !thread->preempted && thread->wait.kind == STALL_WAIT_EPOLL && thread->wait_object) {
        struct file *ready = ready_file(thread->wait_object);
        thread->waker_member = ready ? look_up_file(task, thread, ready)->resource : 0;
        thread->woken_wait = thread->off_since;
    }
    if (!thread->preempted)
        end_wait(thread, bank, index, time.blocked, now - time.run_queue);
    end_run_queue(task, thread, bank, index, cpu, time.run_queue, now);
    thread->burst_start = now;
    barrier();
    thread->seq++;
    if (config.has_intervals)
        keep_interval(thread, cpu, now, !names_member);
}

// Before the turn of `task` begins on `cpu`.  A function of its own for the sake of its stack, which is not needed by
// the time the other task's wait is named.
static __noinline int enter_cpu(struct task_struct *task, struct thread *thread, struct cpu *cpu, __u64 now)
{
    end_off_time(task, thread, cpu, now, true);
    return 0;
}

// All ones if a thread that is off the CPU by our account was given one all the same, else 0.  Programs do not run in
// the context of every task of every kernel, and a switch runs in the context of the task that leaves.  Without
// branches: 6.1's verifier has no patience for more ways through the iterator.
static __always_inline __u64 unseen_arrival(struct task_struct *task, struct thread *thread, __u64 word)
{
    __u64 is_off = word & ~(word >> 1) & 1;  // WORD_OFF, of WORD_STATE_MASK
    __u64 is_later = (thread->off_since - task->sched_info.last_arrival) >> 63;
    __u64 mask = -(is_off & is_later);
    barrier_var(mask);
    return mask;
}

// The current task was given its CPU at `arrived`.  Global, so that the verifier looks at it once, by itself.  The
// member of an epoll set is not looked for: its list has moved on, and 6.1 has no stack left for it.
__noinline int enter_unseen(__u64 arrived)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread *thread = thread_of(task);
    struct cpu *cpu = this_cpu();
    if (thread && cpu)
        end_off_time(task, thread, cpu, arrived, false);
    return 0;
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
    // Read once: a calibration between the two ends would make the stretch longer or shorter than it was.
    __u64 offset = *(volatile __u64 *)&control.clock_offset;
    bank->type = STALL_EVENT_SAMPLE;
    bank->thread = id;
    bank->pid = task->tgid;
    bank->tid = task->pid;
    bank->from += offset;
    bank->to = now + offset;
    take_kernel_counters(task, thread, bank);
}

// Whether the other bank is still to be handed over, and that is now up to the caller.
static __always_inline bool take_unsent(struct thread *thread)
{
    return thread->unsent && __sync_lock_test_and_set(&thread->unsent, 0);
}

// The thread is switched away from for the last time.
static __always_inline void finish(struct task_struct *task, struct thread *thread)
{
    __u64 word = thread->word;
    __u32 index = word & WORD_BANK ? 1 : 0;
    struct stall_sample *bank = &thread->bank[index];
    if (take_unsent(thread) && bpf_ringbuf_output(&events, &thread->bank[!index], sizeof(*bank), event_flags()))
        lost(STALL_LOSS_SAMPLE);
    label(task, thread, thread->id, bank, word >> WORD_SHIFT);
    bank->final = 1;
    bank->exit_code = task->exit_code;
    thread->id = 0;
    if (bpf_ringbuf_output(&events, bank, sizeof(*bank), event_flags()))
        lost(STALL_LOSS_SAMPLE);
}
#endif
