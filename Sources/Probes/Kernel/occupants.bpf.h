// Who held the CPU while a thread was in the run queue.
#ifndef STALL_OCCUPANTS_H
#define STALL_OCCUPANTS_H

#include "clock.bpf.h"

struct occupant_sums {
    __u64 total;
    __u64 count;
    char comm[STALL_COMM_LEN];
};

struct occupant_spill {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 32768);
    __type(key, struct stall_occupant_key);
    __type(value, struct occupant_sums);
};
struct occupant_spill occupants_even SEC(".maps");
struct occupant_spill occupants_odd SEC(".maps");

// `next` has the CPU from then on.
static __always_inline void begin_turn(struct cpu *cpu, struct task_struct *next, struct thread *entering,
                                       __u64 now)
{
    struct turn *turn = turn_of(cpu, -1);
    turn->from = now;
    turn->tid = next->pid;
    turn->pid = next->tgid;
    turn->comm[0] = *(__u64 *)&next->comm[0];
    turn->comm[1] = *(__u64 *)&next->comm[8];
    // The iterator may look at it from another CPU.
    barrier();
    cpu->last++;
    cpu->running = entering ? entering->id : 0;
    cpu->ready = 0;
}

// Before `task`, the current one, leaves the CPU: if the turn that began last is another's, its own began unseen.
// Nothing runs in the context of some tasks of some kernels, neither at the switch from them nor in an interrupt.
static __always_inline void find_turn(struct cpu *cpu, struct task_struct *task, struct thread *leaving)
{
    struct turn *turn = turn_of(cpu, 0);
    if (turn->tid == task->pid)
        return;
    if (turn->from)
        __sync_fetch_and_add(&control.unseen_turns, 1);
    if (task->pid)
        begin_turn(cpu, task, leaving, boot_time(task->sched_info.last_arrival));
}

// A slot's sums move to the shared map of its bank.
__noinline int spill_occupant(struct stall_occupant *occupant, __u32 bank)
{
    if (!occupant)
        return 0;
    struct stall_occupant_key key = occupant->key;
    struct occupant_sums *sums =
        bank ? bpf_map_lookup_elem(&occupants_odd, &key) : bpf_map_lookup_elem(&occupants_even, &key);
    if (sums) {
        sums->total += occupant->total;
        sums->count += occupant->count;
        return 0;
    }
    struct occupant_sums fresh = { .total = occupant->total, .count = occupant->count };
    __builtin_memcpy(fresh.comm, occupant->comm, sizeof(fresh.comm));
    if (bank ? bpf_map_update_elem(&occupants_odd, &key, &fresh, BPF_ANY)
             : bpf_map_update_elem(&occupants_even, &key, &fresh, BPF_ANY))
        lost(STALL_LOSS_OCCUPANT);
    return 0;
}

// Of the turns further back, a process's are one occupant: a thousand threads that are woken together would each
// have hundreds of others.
enum { NAMED_TURNS = 8 };
#define OF_PROCESS 0x80

__noinline int add_occupant(struct thread *thread, __u32 bank, __u8 kind, struct turn *turn, __u64 time)
{
    if (!thread || !turn)
        return 0;
    bool of_process = kind & OF_PROCESS;
    kind &= ~OF_PROCESS;
    __u32 tid = kind == STALL_OCCUPANT_THREAD && !of_process ? turn->tid : 0;
    __u32 pid = kind == STALL_OCCUPANT_THREAD ? turn->pid : 0;
    struct stall_occupant *occupant =
        &thread->bank[bank & 1].occupants[(kind ^ (tid ? tid : pid)) & (STALL_OCCUPANT_SLOTS - 1)];
    if (occupant->key.thread &&
        (occupant->key.tid != tid || occupant->key.pid != pid || occupant->key.kind != kind)) {
        spill_occupant(occupant, bank);
        occupant->key.thread = 0;
    }
    if (!occupant->key.thread) {
        occupant->key.thread = thread->id;
        occupant->key.tid = tid;
        occupant->key.pid = pid;
        occupant->key.kind = kind;
        occupant->key.flags = 0;
        occupant->total = 0;
        occupant->count = 0;
        ((__u64 *)occupant->comm)[0] = pid ? turn->comm[0] : 0;
        ((__u64 *)occupant->comm)[1] = pid ? turn->comm[1] : 0;
    }
    occupant->total += time;
    occupant->count++;
    return 0;
}

// Whether the task's cgroup, or one above it, has a CPU quota.
static __noinline bool has_quota(struct task_struct *task)
{
    struct task_group *group = task->sched_task_group;
    if (!bpf_core_field_exists(group->cfs_bandwidth))
        return false;
    for (int level = 0; level < 8 && group; level++) {
        if (BPF_CORE_READ(group, cfs_bandwidth.quota) != ~0ull)
            return true;
        group = BPF_CORE_READ(group, parent);
    }
    return false;
}

static __always_inline bool is_throttled(struct task_struct *task)
{
    return bpf_core_field_exists(task->se.cfs_rq->throttle_count) && task->se.cfs_rq->throttle_count;
}

// Idle CPUs are given to a runnable thread within microseconds: an idle stretch that is longer was probably forced by
// a quota, if there is one and the kernel (before 6.5) has no clock for that.
#define SHORT_LATENCY 100000

// The thread becomes runnable, and cannot run if its cgroup's quota is used up, or will be.
static __always_inline void note_throttling(struct task_struct *task, struct thread *thread)
{
    struct cfs_rq *queue = task->se.cfs_rq;
    if (!bpf_core_field_exists(queue->throttled_clock_self_time)) {
        thread->throttled = is_throttled(task);
        return;
    }
    thread->throttled_rq = (__u64)queue;
    thread->throttled_from = queue->throttled_clock_self;
    thread->throttled_sum = queue->throttled_clock_self_time;
}

// The end of that part of [from, to), which the thread spent in its run queue, in which its cgroup was out of quota; the
// rest it waited for its turn.  The kernel keeps a clock for that in each of the cgroup's queues; one that is moved to
// another CPU's begins again there.
static __always_inline __u64 end_of_throttling(struct task_struct *task, struct thread *thread, __u64 from, __u64 to)
{
    struct cfs_rq *queue = task->se.cfs_rq;
    if (!bpf_core_field_exists(queue->throttled_clock_self_time))
        return thread->throttled && to - from > SHORT_LATENCY ? to : from;
    if (thread->throttled_rq != (__u64)queue)
        return from;
    __u64 over = queue->throttled_clock_self_time - thread->throttled_sum, present = queue->throttled_clock_self;
    __u64 before = thread->throttled_from;
    if (!before && !over && !present)
        return from;
    // It began before, and either goes on or has ended since; what began since is counted from `from`.
    __u64 until = !before ? from + over : over ? boot_time(before + over) : to;
    if (present && present != before)
        until += elapsed(boot_time(present), to);
    return until < from ? from : until > to ? to : until;
}

// Run-queue time of a thread that is still to be charged, and the bank that it counts into.
struct span {
    __u64 from, to;
    __u8 bank;
    bool has_quota;
    // The longest part of it that was charged: to whom, by which turn (how many ago), and how long it was, in units of
    // 64 ns.  6.1's verifier grants no more room.
    __u8 main_kind;
    __u8 main_back;
    __u32 main_time;
};

struct queued {
    struct span span;
    struct thread *thread;
    struct cpu *cpu;
};

static __always_inline void note_main(struct span *span, __u8 kind, __u32 back, __u64 time)
{
    __u64 units = (time >> 6) + 1;
    if (units > ~0u)
        units = ~0u;
    if (config.has_intervals && units > span->main_time) {
        span->main_time = units;
        span->main_kind = kind;
        span->main_back = back;
    }
}

// Returns 1 when there is nothing left to charge, or nobody to charge it to.  Global, for the verifier.
__noinline int charge_turn(struct thread *thread, struct cpu *cpu, struct span *span, __u32 back)
{
    if (!thread || !cpu || !span)
        return 1;
    struct turn *turn = turn_of(cpu, back);
    __u64 start = turn->from > span->from ? turn->from : span->from;
    if (!turn->from)
        return 1;
    if (start >= span->to)
        return 0;
    __u64 time = span->to - start;
    // Its own turn may have begun when another CPU claims its time in the run queue for a tick: nobody waits for itself.
    __u8 kind = turn->tid == thread->marked               ? STALL_OCCUPANT_IDLE
                : turn->tid                               ? STALL_OCCUPANT_THREAD
                : span->has_quota && time > SHORT_LATENCY ? STALL_OCCUPANT_FREE
                                                          : STALL_OCCUPANT_IDLE;
    note_main(span, kind, back, time);
    if (kind == STALL_OCCUPANT_THREAD && back >= NAMED_TURNS)
        kind |= OF_PROCESS;
    add_occupant(thread, span->bank, kind, turn, time);
    span->to = start;
    return start <= span->from;
}

static long charge_turn_before(__u32 index, struct queued *queued)
{
    int is_done = charge_turn(queued->thread, queued->cpu, &queued->span, index + 1);
    // The compiler knows that this is 0 or 1 already; the verifier has to see it.
    asm volatile("" : "+r"(is_done));
    return is_done & 1;
}

// Charges the run-queue time of a thread to those who had the CPU.  The turns are those of the CPU where the thread
// goes on: what it waited for elsewhere before it was moved is not seen.
static __noinline int charge_occupants(struct task_struct *task, struct queued *queued)
{
    if (!queued)
        return 0;
    struct thread *thread = queued->thread;
    struct span *span = &queued->span;
    struct turn *none = &queued->cpu->turns[0];
    __u64 let_go = end_of_throttling(task, thread, span->from, span->to);
    if (let_go > span->from) {
        add_occupant(thread, span->bank, STALL_OCCUPANT_QUOTA, none, let_go - span->from);
        note_main(span, STALL_OCCUPANT_QUOTA, 0, let_go - span->from);
        span->from = let_go;
        if (span->from >= span->to)
            return 0;
    }
    span->has_quota = !bpf_core_field_exists(task->se.cfs_rq->throttled_clock_self_time) &&
                      span->to - span->from > SHORT_LATENCY && has_quota(task);
    // Nearly always one turn was all there was.
    if (!charge_turn(thread, queued->cpu, span, 0))
        bpf_loop(CPU_TURNS - 2, charge_turn_before, queued, 0);  // the oldest may just be written over
    if (span->to > span->from) {
        add_occupant(thread, span->bank, STALL_OCCUPANT_UNKNOWN, none, span->to - span->from);
        note_main(span, STALL_OCCUPANT_UNKNOWN, 0, span->to - span->from);
    }
    return 0;
}

// The usual case at a switch: one thread had the CPU all the time, and was the occupant before.
static __always_inline bool charge_same_occupant(struct task_struct *task, struct thread *thread,
                                                 struct stall_sample *bank, struct cpu *cpu, __u64 from, __u64 time)
{
    struct turn *turn = turn_of(cpu, 0);
    struct stall_occupant *occupant =
        &bank->occupants[(STALL_OCCUPANT_THREAD ^ turn->tid) & (STALL_OCCUPANT_SLOTS - 1)];
    if (occupant->key.tid != turn->tid || !turn->tid || turn->from > from ||
        end_of_throttling(task, thread, from, from + time) > from)
        return false;
    occupant->total += time;
    occupant->count++;
    return true;
}
#endif
