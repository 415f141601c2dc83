// What the collector tells the programs, and what they tell it beside the records.
#ifndef STALL_CONTROL_H
#define STALL_CONTROL_H

#include "kinds.h"

#define STALL_ENDPOINTS 16

struct stall_endpoint {
    stall_u8 address[16];  // of IPv4 as ::ffff:a.b.c.d
    stall_u16 port;        // host order
    stall_u16 reserved[3];
};

// Set before the programs load.
struct stall_config {
    stall_u32 collector_pid;  // never a target
    stall_u32 follow;         // whether processes at the other end of a wait become targets
    stall_u32 hop_limit;
    stall_u32 process_limit;  // of those found so
    stall_u32 follow_children;
    stall_u32 has_cast;       // the kernel has bpf_rdonly_cast (6.2), which makes reading its memory cheap
    stall_u32 endpoint_count;
    stall_u32 pmu_events;
    stall_u32 pmu_cpus;  // that counters are opened for: their numbers are below this
    stall_u32 has_intervals;  // whether single spells off the CPU are kept
    stall_u32 counts_aio;  // the calls that submit requests of aio and that give their results
    stall_u32 tells_starts;  // processes that are no targets and run a program, take a name or change their cgroup
    stall_u32 thread_limit;  // of those that are watched at a time; 0: none
    stall_u32 reserved;
    stall_u32 counts_calls;   // whether system calls are counted at all
    stall_u32 has_page_lookups;  // the kernel tells which pages reads and page faults ask for
    // From a CPU's `struct rq` to its preemption counter, bytes; 0 if not known.  Both are per-CPU variables
    // whose places BTF gives, and the first can be reached from any task.
    stall_s64 preempt_count_offset;
    stall_u64 calls[STALL_CALL_COUNT / 64];  // a bit for each system call that is counted
    struct stall_endpoint endpoints[STALL_ENDPOINTS];  // whoever uses one becomes a target
};

// Set while they run.
struct stall_control {
    stall_u64 clock_offset;  // boot time minus the scheduler's clock; 0 until the collector has been switched to
    stall_u64 tick;      // number of the present tick; its parity chooses the bank
    stall_u64 spawning;  // children of the collector are targets while this is not 0
    stall_u64 adopting;  // what processes in `wanted` create is adopted with them
    stall_u64 adopt_all;
    stall_u64 ready_asked;    // number of the tick after that in which the mark of `on_data_ready` was last asked for
    stall_u64 ready_missing;  // it was asked for while that program was not attached; the collector clears this
    stall_u64 ready_attached;
    stall_u64 rings_missing;   // a target has a ring while the programs for them are not attached
    stall_u64 rings_attached;  // or not wanted
    stall_u64 unseen_turns;  // that tasks were given a CPU for without a program being run
};

// Which spells off the CPU are kept singly.  Times are those of CLOCK_BOOTTIME.
//
// From `anchor` on, time is cut into periods of 2^shift ns, and the first `on` ns of each are a slice.  A spell is kept
// if it reaches into a slice, if it began before this setting was in force, or if it is long.  So of every
// slice all spells are known, also of those of the setting before, and of what reaches from one into the other.
//
// When more are kept than `allowance`, the slices end there and then: at `closed`.
struct stall_slices {
    stall_u64 from;  // since when it is in force
    stall_u64 anchor;  // not after `from`
    stall_u64 on;
    stall_u64 shift;
    stall_u64 allowance;
    // Set by the programs.
    stall_u64 kept;
    stall_u64 closed;      // 0: they are not
    stall_u64 lost_since;  // the earliest time in a spell that was to be kept and found no room; 0: none was lost
};

// Kept wherever the slices lie: about a second, ns.
#define STALL_LONG_SPELL (1ull << 30)

// Whether a spell is kept that ended while this setting was in force.
static inline __attribute__((always_inline)) int stall_is_kept(const struct stall_slices *slices, stall_u64 left,
                                                               stall_u64 ran)
{
    if (left < slices->from || ran - left >= STALL_LONG_SPELL)
        return 1;
    stall_u64 closed = slices->closed;
    if (closed) {
        if (left >= closed)
            return 0;
        if (ran > closed)
            ran = closed;
    }
    stall_u32 shift = slices->shift & 63;
    stall_u64 begin = left - slices->anchor, end = ran - slices->anchor;
    // Every period begins with a slice.
    return begin >> shift != end >> shift || (begin & ((1ull << shift) - 1)) < slices->on;
}

// The collector fills the setting that is not in use, some time before that is in force, and then counts `number` up:
// its parity says which is the newer.  Until `from` of the newer the other holds.
struct stall_sampling {
    stall_u64 number;
    stall_u64 reserved[7];
    struct stall_slices settings[2];
};

// What went wrong in the kernel, summed; the order is that of `KernelLoss`.
enum stall_loss {
    STALL_LOSS_STORAGE = 0,   // a thread could not be given storage: not tracked
    STALL_LOSS_EVENT = 1,     // the ring buffer was full: a birth, exec or rename
    STALL_LOSS_SAMPLE = 2,    // the ring buffer was full: a thread's last record
    STALL_LOSS_WAIT = 3,      // the shared map was full: a wait has its time but no name
    STALL_LOSS_UNSETTLED = 4, // a thread was too busy to be settled at a tick: it is one tick late
    STALL_LOSS_RESOURCE = 5,  // the map of resources was full: a wait has no resource
    STALL_LOSS_OCCUPANT = 6,  // the shared map was full: run-queue time has no occupant
    STALL_LOSS_BLOCK = 7,     // a map was full: a request to a block device is not counted
    STALL_LOSS_PMU = 8,       // a map was full: what a thread's performance counters counted
    STALL_LOSS_SYSCALL = 9,   // a map was full: a system call is not counted
    STALL_LOSS_TRAFFIC = 10,   // a map was full: bytes through a socket or pipe are not counted
    STALL_LOSS_PAGES = 11,     // a map was full, or a thread had no storage: page cache events are not counted
    STALL_LOSS_CONNECTION = 12, // a map was full: what a connection sent again is not counted
    STALL_LOSS_INTERVAL = 13,   // the ring buffer was full: a single spell off the CPU
    STALL_LOSS_ASYNC = 14,      // a map was full: a request of io_uring or aio is not counted
    STALL_LOSS_STACK = 15,      // the map of stacks or the ring buffer was full: a wait has no stack
    STALL_LOSS_STACK_WAIT = 16, // a map was full: a wait is not counted under its stacks
    STALL_LOSS_RACE = 17,       // too many moved a thread's state at once: one change of it was not noted
    STALL_LOSS_LIMIT = 18,      // as many threads were watched as may be: another one is not
    STALL_LOSS_COUNT = 19,
};
#endif
