// What the kernel side sums up by keys, and what it knows of requests that are under way; the collector takes the sums at each
// tick.  The size assertions at the end guard both sides.
#ifndef STALL_SUMS_H
#define STALL_SUMS_H

#include "kinds.h"

// What requests to block devices are summed by.
struct stall_block_key {
    stall_u64 cgroup;  // to whose account the kernel puts it; 0: it does not say
    stall_u32 device;
    stall_u32 tid;  // of the thread that submitted it; 0: it was submitted in an interrupt
    stall_u32 pid;
    stall_u8 operation;  // enum req_op
    stall_u8 reserved[3];
};

struct stall_block_sums {
    stall_u64 requests;  // completed
    stall_u64 bytes;
    stall_u64 merges;   // submitted blocks of data that became part of a request that was there already
    stall_u64 flushes;  // requests before which the device must write back its cache
    stall_u64 errors;
    stall_u64 queue_total;   // from submission to the device
    stall_u64 device_total;  // from there to completion
    stall_u64 max;           // of both together
    stall_u32 queue_hist[STALL_HIST_SLOTS];
    stall_u32 device_hist[STALL_HIST_SLOTS];
    char comm[STALL_COMM_LEN];
};

// What a performance counter counted, for how long it was wanted, and for how long of that it had a place in the
// hardware, ns.
struct stall_pmu_count {
    stall_u64 counter;
    stall_u64 enabled;
    stall_u64 running;
};
struct stall_pmu_sums {
    stall_u64 unseen;  // time of turns that began unseen, in which nothing was counted, ns
    struct stall_pmu_count counts[STALL_PMU_EVENTS];
};

// A request that has not been completed.
struct stall_block_request {
    struct stall_block_key key;
    stall_u64 submitted;
    stall_u64 issued;  // 0: it is still in the queue
    stall_u64 bytes;   // known when it is issued
    char comm[STALL_COMM_LEN];
};

// What system calls are summed by.
struct stall_call_key {
    stall_u32 thread;
    stall_s16 syscall;
    stall_u8 operation;  // enum stall_futex_operation
    stall_u8 reserved;
};

// `total` is the time of this tick only; the rest is of the calls that returned in it, `max` and `hist` over their
// whole lengths.  A call in progress adds to `total` alone.
struct stall_call_sums {
    stall_u64 calls;
    stall_u64 errors;
    stall_u64 positive;  // calls whose result was above 0
    stall_u64 total;
    stall_u64 max;
    stall_u64 moved;  // bytes read or written; of a futex's wakes, threads
    stall_u32 hist[STALL_HIST_SLOTS];
};

// Calls that moved data through a socket or pipe.
struct stall_traffic_key {
    stall_u32 thread;
    stall_u32 resource;
    stall_u8 direction;  // enum stall_direction
    stall_u8 reserved[3];
};

struct stall_traffic_sums {
    stall_u64 calls;
    stall_u64 bytes;
};

// What page cache events are summed by.
struct stall_page_key {
    stall_u32 pid;  // of a target; 0: all others together
    stall_u32 resource;
};

// Pages.
struct stall_page_sums {
    stall_u64 lookups;  // asked for by reads and page faults
    stall_u64 misses;   // those of them that were read in for it
    stall_u64 read_ahead;  // read in beyond that; with kernels that tell no look-ups, all that was read in
    stall_u64 dirtied;
    stall_u64 written;
    stall_u64 evicted;
    char comm[STALL_COMM_LEN];  // of the process
};

// What a connection sent again in a tick, and its state at the last time.
struct stall_connection_sums {
    stall_u64 retransmits_before;  // segments that the connection had sent again before the first of this tick,
    stall_u64 retransmits_ever;    // and with the last of it
    stall_u64 lost_ever;   // segments that the kernel took for lost
    stall_u64 drops_ever;  // packets that came and were dropped
    stall_u32 round_trip_us;
    stall_u32 window;  // segments that may be under way
};

// What requests of io_uring and aio are summed by.
struct stall_async_key {
    stall_u32 thread;  // that submitted it; 0: it was not seen
    stall_u32 ring;    // resource: the ring or the context
    stall_u32 file;    // resource; 0: none, or not known
    stall_u8 operation;  // IORING_OP_*, IOCB_CMD_*
    stall_u8 issue;      // enum stall_issue
    stall_u16 reserved;
};

struct stall_async_sums {
    stall_u64 requests;     // that were completed, of which `errors` failed
    stall_u64 errors;
    stall_u64 completions;  // more than requests where one request has several
    stall_u64 untold;       // requests whose beginning or end was not seen
    stall_u64 total;        // from submission to completion
    stall_u64 max;
    stall_u64 unreaped;     // the most completions that lay in the ring after one of these
    stall_u32 hist[STALL_HIST_SLOTS];
};

// A request that has not been completed.
struct stall_async_request {
    struct stall_async_key key;
    stall_u64 submitted;
    stall_u32 pid;
    stall_u32 reserved;
};

// A request of aio is known by its control block, in the memory of its process.
struct stall_aio_key {
    stall_u64 block;
    stall_u64 pid;
};

// What waits are summed by where stacks are taken.  Stacks are ids of `stall_stack`.
struct stall_stack_key {
    stall_u32 thread;
    stall_u32 resource;
    stall_u32 user;
    stall_u32 kernel;
    stall_u32 waker_user;
    stall_u32 waker_kernel;
    stall_u32 waker_tid;
    stall_u32 waker_pid;
    stall_u8 kind;
    stall_u8 waker_kind;
    stall_u16 reserved;
};

// As in `stall_wait_total`.
struct stall_stack_sums {
    stall_u64 count;
    stall_u64 total;
    stall_u64 max;
    stall_u64 carried;  // one of them began before this tick, so earlier ones have a part of it
    char waker_comm[STALL_COMM_LEN];
};

STALL_ASSERT_SIZE(struct stall_block_key, 24);
STALL_ASSERT_SIZE(struct stall_block_sums, 336);
STALL_ASSERT_SIZE(struct stall_block_request, 64);
STALL_ASSERT_SIZE(struct stall_call_key, 8);
STALL_ASSERT_SIZE(struct stall_call_sums, 176);
STALL_ASSERT_SIZE(struct stall_traffic_key, 12);
STALL_ASSERT_SIZE(struct stall_traffic_sums, 16);
STALL_ASSERT_SIZE(struct stall_page_key, 8);
STALL_ASSERT_SIZE(struct stall_page_sums, 64);
STALL_ASSERT_SIZE(struct stall_connection_sums, 40);
STALL_ASSERT_SIZE(struct stall_async_key, 16);
STALL_ASSERT_SIZE(struct stall_async_sums, 184);
STALL_ASSERT_SIZE(struct stall_async_request, 32);
STALL_ASSERT_SIZE(struct stall_aio_key, 16);
STALL_ASSERT_SIZE(struct stall_stack_key, 36);
STALL_ASSERT_SIZE(struct stall_stack_sums, 48);
#endif
