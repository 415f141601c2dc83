// What the kernel side tells of threads: events as they happen, and an account of each thread at each tick.  What it
// sums up beside is in sums.h.  The size assertions at the end guard both sides.
#ifndef STALL_RECORDS_H
#define STALL_RECORDS_H

#include "kinds.h"

// What waits are summed by.  32 bytes, compared as four words.
struct stall_wait_key {
    stall_u32 resource;  // 0: not resolved
    stall_u32 member;    // of a set, the resource whose event ended the wait; 0: not known
    stall_u32 thread;
    stall_u32 waker_tid;
    stall_u32 waker_pid;
    stall_s16 syscall;  // -1: not in a system call (a fault, or a kernel thread)
    stall_u8 kind;
    stall_u8 waker_kind;
    stall_u8 direction;
    stall_u8 flags;
    stall_u16 reserved;
    stall_u32 device;  // the block device that a request of the waiting thread went to; 0: none
};

// What a resource is made of; equal keys are one resource.
struct stall_resource_key {
    stall_u64 a;
    stall_u64 b;
    stall_u32 c;
    stall_u32 kind;
};

struct stall_occupant_key {
    stall_u32 thread;
    stall_u32 tid;
    stall_u32 pid;
    stall_u8 kind;
    stall_u8 flags;  // STALL_WAIT_BANK in keys of the shared map
    stall_u16 reserved;
};

struct stall_occupant {
    struct stall_occupant_key key;
    stall_u64 total;
    stall_u64 count;  // run-queue intervals, or parts of such, that it held the CPU in
    char comm[STALL_COMM_LEN];
};

// `count` waits ended; `total` is the time of this tick only, `max` and `hist` take whole waits when they
// end.  A wait in progress adds to `total` alone.
struct stall_wait_total {
    stall_u64 count;
    stall_u64 total;
    stall_u64 max;
    char waker_comm[STALL_COMM_LEN];
    stall_u32 hist[STALL_HIST_SLOTS];
};

struct stall_wait {
    struct stall_wait_key key;
    struct stall_wait_total value;
};

struct stall_birth {
    stall_u32 type;
    stall_u32 thread;
    stall_u32 pid;
    stall_u32 tid;
    stall_u32 parent_pid;
    stall_u32 parent_thread;  // 0: not tracked
    stall_u32 ns_pid;         // in the innermost pid namespace
    stall_u32 ns_tid;
    stall_u64 at;
    stall_u64 started;          // of the thread
    stall_u64 process_started;  // of its thread group leader
    stall_u64 cgroup;           // id in the cgroup v2 hierarchy
    stall_u32 pid_namespace;
    stall_u32 net_namespace;
    stall_u32 reason;
    stall_u32 uid;
    stall_u32 kernel_thread;
    char comm[STALL_COMM_LEN];
    char leader_comm[STALL_COMM_LEN];
    // How a process was found: the tracked thread at the other end, and what they met at.
    stall_u32 found_by;
    stall_u32 found_resource;
    stall_u32 found_kind;  // of the wait
    stall_u32 hops;
    stall_u32 reserved;
};

// Something that a thread has waited for, when it is met for the first time.
struct stall_resource {
    stall_u32 type;
    stall_u32 id;
    struct stall_resource_key key;
    stall_u64 at;
    stall_u32 pid;  // of the thread that met it
    stall_u32 tid;
    stall_s32 fd;  // -1: none
    stall_u32 device;
    stall_u64 inode;
    stall_u64 peer_inode;     // of a unix socket's other end
    stall_u32 peer_pid;       // of the process that created or accepted the other end
    stall_u32 net_namespace;  // inode
    stall_u16 mode;  // of the inode
    stall_u16 family;
    stall_u16 socket_type;
    stall_u16 protocol;
    stall_u16 local_port;  // host order
    stall_u16 remote_port;
    stall_u8 socket_state;  // TCP_LISTEN, ...
    stall_u8 name_count;    // components in `name`
    stall_u16 name_length;
    stall_u8 local_address[16];  // IPv4 in the first four
    stall_u8 remote_address[16];
    stall_u32 member_count;
    stall_u32 members[STALL_SET_MEMBERS];
    // Of a file: the names from it up to its file system's root, each with its NUL.  Of a unix socket: its
    // address as in sun_path.  Else text.
    char name[STALL_NAME_LEN];
    stall_u32 unlinked;  // a file that has no name any more
    stall_u32 origin;  // of a connection
};

struct stall_exec {
    stall_u32 type;
    stall_u32 thread;
    stall_u32 pid;
    stall_u32 tid;
    stall_u32 old_tid;
    stall_u32 args_len;  // of the whole command line, which may exceed what is kept
    stall_u64 at;
    char comm[STALL_COMM_LEN];
    char path[STALL_PATH_LEN];
    char args[STALL_ARGS_LEN];  // NUL separated
};

struct stall_rename {
    stall_u32 type;
    stall_u32 thread;
    stall_u32 pid;
    stall_u32 tid;
    stall_u64 at;
    char comm[STALL_COMM_LEN];
};

struct stall_move {
    stall_u32 type;
    stall_u32 thread;
    stall_u32 pid;
    stall_u32 tid;
    stall_u64 at;
    stall_u32 hierarchy;  // 0: the unified one
    stall_u32 length;     // of the path with its end; one that fills all of it may be longer
    char path[STALL_CGROUP_LEN];
};

// One thread over [from, to): a tick, or what there was of it.
struct stall_sample {
    stall_u32 type;
    stall_u32 thread;
    stall_u32 pid;
    stall_u32 tid;
    stall_u64 from;
    stall_u64 to;

    // Nanoseconds.  on_cpu + waking + run_queue + interruptible + uninterruptible = to - from.
    stall_u64 on_cpu;
    stall_u64 waking;
    stall_u64 run_queue;
    stall_u64 interruptible;
    stall_u64 uninterruptible;
    stall_u64 io_wait;  // part of the two above
    stall_u64 stolen;   // part of on_cpu: the CPU was not there, but with the hypervisor or an interrupt

    stall_u64 burst_total;  // of the on-CPU intervals that ended
    stall_u64 burst_max;
    stall_u64 wake_gap_total;  // of the times from one wakeup to the next
    stall_u32 bursts;
    stall_u32 wake_gaps;
    stall_u32 wakeups;
    stall_u32 waits_without_waker;  // that ended, and nobody was seen to end them
    stall_u32 missed_switches;      // to or from the thread, that no program saw
    stall_u32 wakings;              // stretches between the end of a wait and the run queue
    stall_u64 waking_max;

    // Differences of the kernel's own counters.
    stall_u32 voluntary_switches;
    stall_u32 run_queues;  // run-queue intervals that ended
    stall_u64 run_queue_max;
    stall_u32 involuntary_switches;
    stall_u32 migrations;
    stall_u32 minor_faults;
    stall_u32 major_faults;
    stall_u64 kernel_on_cpu;     // se.sum_exec_runtime
    stall_u64 kernel_run_queue;  // sched_info.run_delay

    // At `to`.
    stall_u8 state;
    stall_u8 final;  // the thread's last record
    stall_u8 preempted;  // it left its CPU without blocking
    stall_u8 carried;  // a wait that began before `from` ended; the carried_* fields say how
    stall_s32 exit_code;
    stall_u64 left;    // when it left its CPU,
    stall_u64 woken;   // when its wait was ended; 0: it goes on, or it is in none
    stall_u64 queued;  // and since when it is in a run queue; 0: it is not
    struct stall_wait_key waiting;

    stall_u32 carried_waker_tid;
    stall_u32 carried_waker_pid;
    stall_u32 carried_waker_kind;
    stall_u32 carried_flags;
    stall_u32 carried_member;
    stall_u32 carried_device;
    char carried_waker_comm[STALL_COMM_LEN];

    stall_u32 burst_hist[STALL_HIST_SLOTS];
    stall_u32 wake_gap_hist[STALL_HIST_SLOTS];
    stall_u32 waking_hist[STALL_HIST_SLOTS];
    stall_u32 run_queue_hist[STALL_HIST_SLOTS];
    struct stall_occupant occupants[STALL_OCCUPANT_SLOTS];
    struct stall_wait waits[STALL_WAIT_SLOTS];
};

// One spell of a thread off the CPU: left <= woken <= queued <= ran.
struct stall_interval {
    struct stall_wait_key wait;  // with what ended it; without that and all else if the thread was preempted
    stall_u64 left;
    stall_u64 woken;   // the end of the wait; as `left` if it was preempted
    stall_u64 queued;  // since when it was in the run queue
    stall_u64 ran;
    char waker_comm[STALL_COMM_LEN];
    // Who held the CPU for the longest part of the time in the run queue.
    stall_u32 occupant_tid;
    stall_u32 occupant_pid;
    char occupant_comm[STALL_COMM_LEN];
    stall_u32 waker_thread;  // its identity; 0: not tracked
    stall_u8 occupant_kind;
    stall_u8 preempted;
    stall_u16 reserved;
};

// A call stack, when it is met for the first time; as long as its frames are.
struct stall_stack {
    stall_u32 type;
    stall_u32 id;
    stall_u64 incarnation;  // of the process; 0: a stack of the kernel
    stall_u32 pid;
    stall_u32 count;
    stall_u64 frames[STALL_STACK_FRAMES];  // addresses, the innermost first
};

STALL_ASSERT_SIZE(struct stall_wait_key, 32);
STALL_ASSERT_SIZE(struct stall_wait_total, 168);
STALL_ASSERT_SIZE(struct stall_wait, 200);
STALL_ASSERT_SIZE(struct stall_birth, 136);
STALL_ASSERT_SIZE(struct stall_exec, 688);
STALL_ASSERT_SIZE(struct stall_rename, 40);
STALL_ASSERT_SIZE(struct stall_move, 544);
STALL_ASSERT_SIZE(struct stall_resource_key, 24);
STALL_ASSERT_SIZE(struct stall_occupant, 48);
STALL_ASSERT_SIZE(struct stall_resource, 496);
STALL_ASSERT_SIZE(struct stall_sample, 1800);
STALL_ASSERT_SIZE(struct stall_interval, 112);
STALL_ASSERT_SIZE(struct stall_stack, 1040);
#endif
