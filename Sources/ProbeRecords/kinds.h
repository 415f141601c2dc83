// What things are called on both sides of the kernel boundary: the BPF programs and the Swift decoders both compile
// these files, so they are the only definition.
//
// Times are nanoseconds of CLOCK_BOOTTIME.  "thread" is an identity of our own: it is given out once and never used
// again, unlike a tid.
#ifndef STALL_KINDS_H
#define STALL_KINDS_H

#ifdef __bpf__
typedef __u64 stall_u64;
typedef __u32 stall_u32;
typedef __s32 stall_s32;
typedef __s64 stall_s64;
typedef __u16 stall_u16;
typedef __s16 stall_s16;
typedef __u8 stall_u8;
#else
#include <assert.h>
#include <stdint.h>
typedef uint64_t stall_u64;
typedef uint32_t stall_u32;
typedef int32_t stall_s32;
typedef int64_t stall_s64;
typedef uint16_t stall_u16;
typedef int16_t stall_s16;
typedef uint8_t stall_u8;
#endif

// A histogram of durations: slot 0 holds those under 256 ns, slot i those in [2^(7+i), 2^(8+i)) ns, the
// last everything from 2^38 ns (275 s) up.
#define STALL_PMU_EVENTS 8
#define STALL_HIST_SLOTS 32
#define STALL_HIST_SHIFT 7

// System calls have numbers below this.
#define STALL_CALL_COUNT 512

// The calls of aio, which are the same for the kernel and for whoever asks to count them.
#define STALL_CALL_IO_GETEVENTS 208
#define STALL_CALL_IO_SUBMIT 209
#define STALL_CALL_IO_PGETEVENTS 333

#define STALL_COMM_LEN 16
#define STALL_NAME_LEN 320
#define STALL_SET_MEMBERS 8
#define STALL_PATH_LEN 128
#define STALL_CGROUP_LEN 512
#define STALL_ARGS_LEN 512

// Frames of a call stack that are kept, the innermost first: as many as the kernel gives unless kernel.perf_event_max_stack
// was raised.
#define STALL_STACK_FRAMES 127
// Stands for a stack that there was no room for.  0 stands for none.
#define STALL_STACK_LOST 0xffffffff

// Distinct (wait, waker) pairs that a thread counts in its own storage before the rest goes to a shared map.
#define STALL_WAIT_SLOTS 4
#define STALL_OCCUPANT_SLOTS 4

// What a thread is doing.
//
// The two _WOKEN states remember that somebody has woken a thread that was not blocked, or not yet: it may be on its way
// there, and then its wait is over as soon as it begins.
enum stall_state {
    STALL_STATE_NONE = 0,       // fresh storage; no event leads out of it
    STALL_STATE_ON_CPU = 1,
    STALL_STATE_RUN_QUEUE = 2,  // runnable, and another has the CPU
    STALL_STATE_BLOCKED = 3,
    STALL_STATE_WAKING = 4,     // woken, but in no run queue yet: its CPU sleeps, or is being interrupted
    STALL_STATE_ON_CPU_WOKEN = 5,
    STALL_STATE_RUN_QUEUE_WOKEN = 6,
    STALL_STATE_ENDED = 7,      // no event leads out of this one either
};

// Why a thread left the CPU of its own accord.  The order is part of the recording's format.
enum stall_wait_kind {
    STALL_WAIT_OTHER = 0,
    STALL_WAIT_FUTEX = 1,
    STALL_WAIT_PIPE = 2,
    STALL_WAIT_UNIX = 3,
    STALL_WAIT_INET = 4,
    STALL_WAIT_ACCEPT = 5,
    STALL_WAIT_CONNECT = 6,
    STALL_WAIT_EPOLL = 7,
    STALL_WAIT_POLL = 8,
    STALL_WAIT_SLEEP = 9,
    STALL_WAIT_CHILD = 10,
    STALL_WAIT_SIGNAL = 11,
    STALL_WAIT_FILE_READ = 12,
    STALL_WAIT_FILE_WRITE = 13,
    STALL_WAIT_FSYNC = 14,
    STALL_WAIT_PAGE_FAULT = 15,
    STALL_WAIT_RECLAIM = 16,
    STALL_WAIT_IO_URING = 17,
    STALL_WAIT_AIO = 18,
    STALL_WAIT_KERNEL_LOCK = 19,
    STALL_WAIT_VFORK = 20,
    STALL_WAIT_STOPPED = 21,
    STALL_WAIT_EXIT = 22,
    STALL_WAIT_KERNEL_THREAD = 23,
    STALL_WAIT_FILE = 24,
    STALL_WAIT_EVENT = 25,  // eventfd, timerfd, signalfd, inotify and the like
    STALL_WAIT_GROUP_RECLAIM = 26,  // for memory within the limit of a cgroup
    STALL_WAIT_COMPACTION = 27,     // for free memory that is in one piece
    STALL_WAIT_SWAP_IN = 28,
    STALL_WAIT_THRASHING = 29,      // for data that were in memory a moment ago
};

enum stall_direction {
    STALL_DIRECTION_NONE = 0,
    STALL_DIRECTION_READ = 1,
    STALL_DIRECTION_WRITE = 2,
};

// What a thread can wait for.  The order is part of the recording's format.
enum stall_resource_kind {
    STALL_RESOURCE_NONE = 0,
    STALL_RESOURCE_FUTEX = 1,         // of one process: address, incarnation of the process, pid
    STALL_RESOURCE_SHARED_FUTEX = 2,  // inode, offset in it, device
    STALL_RESOURCE_PIPE = 3,          // inode, 0, device
    STALL_RESOURCE_UNIX = 4,          // inode of the socket
    STALL_RESOURCE_INET = 5,          // inode of the socket
    STALL_RESOURCE_SOCKET = 6,        // another family; inode of the socket
    STALL_RESOURCE_FILE = 7,          // inode, generation, device
    STALL_RESOURCE_DEVICE_FILE = 8,   // character or block special file; the same
    STALL_RESOURCE_ANON = 9,          // eventfd, timerfd, signalfd, inotify, ...: kernel object, its operations
    STALL_RESOURCE_EPOLL = 10,        // kernel object, incarnation of the process, pid
    STALL_RESOURCE_SET = 11,          // of poll, select, futex_waitv: hash of the members, incarnation, pid
    STALL_RESOURCE_IO_URING = 12,     // kernel object
    STALL_RESOURCE_AIO = 13,          // context, incarnation of the process, pid
    STALL_RESOURCE_TIMER = 14,        // requested length in ns, two significant digits; 0: an absolute time
    STALL_RESOURCE_CHILD = 15,        // pid asked for, incarnation of the process, pid
    STALL_RESOURCE_SIGNAL = 16,       // 0, incarnation of the process, pid
    STALL_RESOURCE_KERNEL_LOCK = 17,  // address, LCB_F_* flags of the contention tracepoints
    STALL_RESOURCE_MEMORY = 18,
    STALL_RESOURCE_PATH = 19,         // a name given to a system call: its hash
};

// What ended a wait.
enum stall_waker_kind {
    STALL_WAKER_PENDING = 0,  // nothing yet: the wait went on when the tick ended
    STALL_WAKER_THREAD = 1,
    STALL_WAKER_INTERRUPT = 2,
    STALL_WAKER_BLOCK = 3,
    STALL_WAKER_NETWORK = 4,
    STALL_WAKER_TIMER = 5,
    STALL_WAKER_SELF = 6,
    STALL_WAKER_UNKNOWN = 7,
};

enum stall_wait_flags {
    STALL_WAIT_UNINTERRUPTIBLE = 1 << 0,
    STALL_WAIT_IO = 1 << 1,
    STALL_WAIT_TIMED_OUT = 1 << 2,
    STALL_WAIT_BANK = 1 << 7,  // in keys of the shared map: which of the two banks, so which tick
};

// Who held the CPU while a thread was in the run queue.
enum stall_occupant_kind {
    STALL_OCCUPANT_UNKNOWN = 0,  // further back than the CPU's memory reaches
    STALL_OCCUPANT_THREAD = 1,
    STALL_OCCUPANT_IDLE = 2,    // nobody: scheduling latency
    STALL_OCCUPANT_QUOTA = 3,   // nobody that mattered: a cgroup's CPU quota was used up
    STALL_OCCUPANT_STOLEN = 4,  // the hypervisor
    STALL_OCCUPANT_FREE = 5,    // nobody, though for long, and the thread's cgroup has a quota: perhaps that
};

// What comes out of the ring buffer and the task iterator starts with this.
enum stall_event_type {
    STALL_EVENT_BIRTH = 1,
    STALL_EVENT_EXEC = 2,
    STALL_EVENT_RENAME = 3,
    STALL_EVENT_SAMPLE = 4,
    STALL_EVENT_MOVED = 5,  // to another cgroup
    STALL_EVENT_RESOURCE = 6,
    STALL_EVENT_CALL = 7,  // a mere call: the collector is to look at `stall_control`
    STALL_EVENT_STACK = 8,
    STALL_EVENT_START = 9,  // of a process that is no target; a `stall_rename`
};

enum stall_birth_reason {
    STALL_BIRTH_ADOPTED = 1,  // it existed when it was asked for
    STALL_BIRTH_FORKED = 2,   // a tracked thread created it
    STALL_BIRTH_SPAWNED = 3,  // the command given to `record`
    STALL_BIRTH_WOKE = 4,     // it ended a tracked thread's wait
    STALL_BIRTH_WOKEN = 5,    // a tracked thread ended its wait
    STALL_BIRTH_ENDPOINT = 6, // it connects to or listens on an endpoint that is watched
};

// What a futex call asks for.  The order is part of the recording's format.
enum stall_futex_operation {
    STALL_FUTEX_NONE = 0,  // another system call
    STALL_FUTEX_WAIT = 1,
    STALL_FUTEX_WAKE = 2,
    STALL_FUTEX_REQUEUE = 3,  // wakes some of the waiters, and lets the others wait elsewhere
    STALL_FUTEX_LOCK = 4,     // locks, tries or unlocks a futex that inherits priority
};

// How a request reached whoever carries it out.  The order is part of the recording's format.
enum stall_issue {
    STALL_ISSUE_INLINE = 0,  // by the thread that submitted it, whoever completes it
    STALL_ISSUE_WORKER = 1,  // it was handed to a worker of io_uring, which may sleep for it
    STALL_ISSUE_POLL = 2,    // it waited until its file was ready
    STALL_ISSUE_AIO = 3,     // by io_submit
};

#define STALL_OPERATION_NONE 255  // of a completion that is one of several of its request

enum stall_origin {
    STALL_ORIGIN_UNKNOWN = 0,
    STALL_ORIGIN_CONNECTED = 1,  // this side asked for the connection
    STALL_ORIGIN_ACCEPTED = 2,
};

#define STALL_ASSERT_SIZE(type, bytes) _Static_assert(sizeof(type) == (bytes), #type)
#endif
