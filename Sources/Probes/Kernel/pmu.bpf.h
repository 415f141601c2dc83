// Performance counters.  Each event is counted for each CPU as a whole; what it counts between two switches is the
// thread's that ran meanwhile.
#ifndef STALL_PMU_H
#define STALL_PMU_H

#include "account.bpf.h"
#include "banks.bpf.h"

// The counters: those of event 0 for each CPU, then those of event 1, ...
struct {
    __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} pmu_counters SEC(".maps");

// What a CPU's counters showed when the present turn began, and the tracked thread whose turn that is.
struct pmu_turn {
    struct stall_pmu_count seen[STALL_PMU_EVENTS];
    __u32 thread;
};
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct pmu_turn);
} pmu_turns SEC(".maps");

BANKED_SUMS(pmu, __u32, struct stall_pmu_sums, 32768, STALL_LOSS_PMU)  // by a thread's id

// Since when the turn of a thread lasts that began unseen: before it became a target, or where no program ran.
static __always_inline __u64 turn_start(struct task_struct *task, struct thread *thread)
{
    __u64 arrived = boot_time(task->sched_info.last_arrival);
    return arrived > thread->burst_start ? arrived : thread->burst_start;
}

// The turn of `leaving` (NULL: of nobody who is tracked) is over, or counted up to `now`; that of `entering` begins.
static __always_inline void count_events(struct task_struct *task, struct thread *leaving, __u32 entering, __u64 now)
{
    __u32 zero = 0, cpu = bpf_get_smp_processor_id(), id = leaving ? leaving->id : 0;
    struct pmu_turn *turn = bpf_map_lookup_elem(&pmu_turns, &zero);
    if (!turn)
        return;
    struct stall_pmu_sums *sums = id ? pmu_sums(&id, present_bank()) : NULL;
    // What was counted in a turn that began unseen is partly others'.
    bool is_known = turn->thread == id;
    if (sums && !is_known)
        sums->unseen += elapsed(turn_start(task, leaving), now);
    turn->thread = entering;
    for (__u32 i = 0; i < STALL_PMU_EVENTS && i < config.pmu_events; i++) {
        struct bpf_perf_event_value present = {};
        struct stall_pmu_count *seen = &turn->seen[i];
        // A CPU that has come online since has no counter.
        if (bpf_perf_event_read_value(&pmu_counters, i * config.pmu_cpus + cpu, &present, sizeof(present))) {
            turn->thread = 0;
            continue;
        }
        if (sums && is_known) {
            sums->counts[i].counter += present.counter - seen->counter;
            sums->counts[i].enabled += present.enabled - seen->enabled;
            sums->counts[i].running += present.running - seen->running;
        }
        seen->counter = present.counter;
        seen->enabled = present.enabled;
        seen->running = present.running;
    }
}

// Runs before `on_switch`, which takes the id of a thread that ends.
SEC("tp_btf/sched_switch")
int BPF_PROG(on_pmu_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
    struct thread *leaving = thread_of(prev), *entering = thread_of(next);
    if (leaving || entering)
        count_events(prev, leaving, entering ? entering->id : 0, bpf_ktime_get_boot_ns());
    return 0;
}

// The collector has this run on every CPU at the end of a tick, for the thread that it interrupts there.
SEC("raw_tp/sched_switch")
int count_present_turn(void *unused)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread *thread = thread_of(task);
    if (thread)
        count_events(task, thread, thread->id, bpf_ktime_get_boot_ns());
    return 0;
}
#endif
