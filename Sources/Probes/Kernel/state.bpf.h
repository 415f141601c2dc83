// What is kept of each thread, and the maps that all programs share.
//
// A thread is tracked if and only if it has an element in `threads`.  Its time is counted into one of two banks, which
// alternate with ticks: once the iterator has moved a thread to the other bank, the one it leaves belongs to the
// iterator alone.
#ifndef STALL_STATE_H
#define STALL_STATE_H

#include "core.bpf.h"

enum { KNOWN_FILES = 32, KNOWN_SENDERS = 32 };  // powers of two

// What a thread found behind a descriptor, for the next time.
struct known_file {
    __u64 file;    // struct file
    __u64 object;  // what tells the file from another at the same address: inode number or private data
    __u32 resource;
    __u8 kind;  // enum stall_resource_kind
    __u16 epoch;
};

// The collector has resources forgotten that nobody has met for long.  So what is remembered beside the table of
// resources holds for an epoch, and is then met again: some minutes at ticks of a second.
#define EPOCH_TICKS 512

// Who was found to send to a socket of this thread.
struct known_sender {
    __u64 sock;  // struct sock of the receiver
    __u32 tid;
};

// A socket of a set, as its peer sees it.
struct set_member {
    __u64 inode;  // or other object that tells it from the others; a futex's address
    __u32 resource;
};

// The place of a kernel object in a table of `count`, a power of two.
static __always_inline __u32 place_of(__u64 object, __u32 count)
{
    // Fibonacci hashing: objects of one kind lie at equal distances.
    return (object * 0x9e3779b97f4a7c15ull >> 32) & (count - 1);
}

// The stacks of a thread's present wait, where stacks are taken.
struct stack_wait {
    __u64 since;    // `off_since` of that wait; 0: there is none, or it began unseen
    __u64 counted;  // up to when it is counted; who moves this on counts what lies between
    __u32 user, kernel;
    __u32 resource;
    __u32 kind;
    // Of the last waking by a thread.
    __u32 waker_tid, waker_user, waker_kernel;
};

struct thread {
    __u64 word;        // its state, since when, and its bank: transitions.bpf.h
    __u32 switching;   // a switch of it,
    __u32 waking;      // or a waking, is being booked: transitions.bpf.h
    __u32 id;          // 0 until the rest is set up: such a thread is left alone
    __u32 marked;      // the pid that it is counted under in `marks`
    __u64 off_since;   // when it last left the CPU
    __u64 woken_at;    // when its last wait was ended
    __u64 queued_at;   // when it last came into a run queue
    __u64 burst_start; // when it last got a CPU
    __u64 last_wake;   // when the last wait that it has come back from was ended
    __u64 ran_before;     // se.sum_exec_runtime when it was last given a CPU, or left one
    __u64 stolen_before;  // how far its CPU's clock of tasks was behind by then, while it is on a CPU
    __u64 waited[2];   // of the wait that was ended: what is in a bank's sums and has no name there yet
    bool preempted;    // it left the CPU without blocking
    bool throttled;    // its cgroup's CPU quota was used up when it became runnable
    bool reported;     // the recording knows what it waits for
    __u8 waker_kind;   // of the last waking
    __u8 waker_flags;  // STALL_WAIT_TIMED_OUT
    // Who had the CPU for the longest part of its last stay in the run queue, as in `struct queued`.
    __u8 occupant_kind;
    __u8 occupant_back;
    __u32 waker_member;
    __u64 woken_wait;  // `off_since` of the wait that the waker saw
    __u32 unsent;  // the other bank could not be handed over at the last tick; whoever clears it does that
    __u32 waker_pid;
    __u32 waker_tid;
    __u32 waker_thread;  // its `id`; 0: it is not tracked
    __u64 waker_comm[2];
    struct stall_wait_key wait;  // without the waker

    __u64 throttled_rq;    // the struct cfs_rq that it came into when it became runnable,
    __u64 throttled_from;  // since when that was out of quota, by the scheduler's clock; 0: it was not,
    __u64 throttled_sum;   // and for how long it had been before, as the kernel counts it
    __u64 incarnation;  // of its process: another after each execve
    __u64 wait_object;  // that it waits on: a struct eventpoll, or the struct file of a socket
    __u64 next_object;  // the same, while it is found out
    __u64 kernel_lock;  // that it tries to get
    __u64 fault_inode;  // struct inode that a page fault reads,
    __u64 fault_number;  // and how many faults there were before that one
    __u32 device;       // that its last block request went to,
    __s32 device_call;  // and the system call that it was made in
    __u32 hops;         // how many processes lie between its own and one that was asked for
    __u32 reclaiming;   // within direct reclaim,
    __u32 group_reclaiming;  // the same for a cgroup that is at its limit,
    __u32 compacting;   // or moving pages so that free ones lie together
    __u64 swap_number;  // like `fault_number`, and one more: the thread's last request reads what was swapped out
    __s32 interrupted;      // number of the system call that it last waited in
    __u32 refused;          // tid of a thread that was met and must not become a target
    struct known_file files[KNOWN_FILES];
    struct known_sender senders[KNOWN_SENDERS];
    __u64 ring_object;  // struct io_ring_ctx that it has submitted to last
    __u32 ring;         // the resource that this is
    __u16 ring_epoch;
    __u64 futex_address;
    __u32 futex_resource;
    __u32 futex_tick;
    __u16 futex_epoch;
    __u32 member_count;
    struct set_member members[STALL_SET_MEMBERS];

    // The system call that it is in, where calls are counted.
    __u64 call_since;  // from when on its time is not accounted for; 0: in none
    __u64 call_began;
    __s16 call;
    __u8 call_operation;  // enum stall_futex_operation

    struct stack_wait stacks;

    __u64 voluntary_switches;  // the kernel's counters at the last hand-over
    __u64 involuntary_switches;
    __u64 migrations;
    __u64 minor_faults;
    __u64 major_faults;
    __u64 kernel_on_cpu;
    __u64 kernel_run_queue;

    struct stall_sample bank[2];
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct thread);
} threads SEC(".maps");

// Births, execs, renames and last samples, in the order in which they happened.
struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4 << 20);
} events SEC(".maps");

// Waits that did not fit into a thread's own slots; one map for each bank.  Memory for all of them is set aside:
// where switches happen, the kernel can find none in a hurry.
struct spill {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 32768);
    __type(key, struct stall_wait_key);
    __type(value, struct stall_wait_total);
};
struct spill waits_even SEC(".maps");
struct spill waits_odd SEC(".maps");

// The threads that a CPU ran last, each with the time from when on.
enum { CPU_TURNS = 64 };
struct turn {
    __u64 from;
    __u32 tid;  // 0: idle
    __u32 pid;
    __u64 comm[2];
};

struct cpu {
    __u64 rq;       // its struct rq; 0 until a switch has told
    __u32 last;     // number of the present turn; `turn_of` has it
    __u32 running;  // id of the tracked thread that runs; 0: another
    __u64 timer;    // that is expiring
    __u64 sleeper;  // the task that this timer wakes, if it bounds a wait
    __u64 ready;    // struct sock that data came for last in the present turn, while `on_data_ready` is attached,
    __u64 ready_at; // and when, in jiffies
    struct turn turns[CPU_TURNS];
};

// The present turn, or one so many turns back.
static __always_inline struct turn *turn_of(struct cpu *cpu, __u32 back)
{
    return &cpu->turns[(cpu->last - back) & (CPU_TURNS - 1)];
}

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct cpu);
} cpus SEC(".maps");

struct stall_control control SEC(".data.control") = {};
__u64 losses[STALL_LOSS_COUNT] SEC(".data.losses") = {};
__u32 last_thread_id SEC(".data.ids") = 0;
__u32 watched_threads SEC(".data.ids") = 0;

// How many tracked threads have a pid with these low bits, or a few more.  It saves most of a host's switches and wakings
// the look-ups in task storage.
#define MARKS 16384
struct marks {
    __u32 threads[MARKS];
};
struct marks marks SEC(".data.marks") = {};

static __always_inline void mark(struct task_struct *task, struct thread *thread)
{
    thread->marked = task->pid;
    __sync_fetch_and_add(&marks.threads[task->pid & (MARKS - 1)], 1);
}

static __always_inline void unmark(struct thread *thread)
{
    __sync_fetch_and_add(&marks.threads[thread->marked & (MARKS - 1)], -1);
}

static __always_inline bool may_be_tracked(struct task_struct *task)
{
    return marks.threads[task->pid & (MARKS - 1)];
}

static __always_inline __u16 epoch(void)
{
    return control.tick / EPOCH_TICKS;
}

static __always_inline void lost(enum stall_loss what)
{
    __sync_fetch_and_add(&losses[what], 1);
}

// Tells a process, and what it was before an execve, from every other one on this host.
static __always_inline __u64 incarnation_of(struct task_struct *task)
{
    return task->group_leader->start_boottime + (task->self_exec_id << 56);
}

static __always_inline struct cpu *this_cpu(void)
{
    __u32 zero = 0;
    return bpf_map_lookup_elem(&cpus, &zero);
}

static __always_inline struct thread *thread_of(struct task_struct *task)
{
    if (!may_be_tracked(task))
        return NULL;
    struct thread *thread = bpf_task_storage_get(&threads, task, 0, 0);
    return thread && thread->id ? thread : NULL;
}

static __always_inline struct thread *current_thread(void)
{
    struct cpu *cpu = this_cpu();
    if (!cpu || !cpu->running)
        return NULL;
    return thread_of(bpf_get_current_task_btf());
}

// Wakes the collector only when there is a lot to read: it looks at every tick anyway.
static __always_inline __u64 event_flags(void)
{
    __u64 size = bpf_ringbuf_query(&events, BPF_RB_RING_SIZE);
    return bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > size / 8 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
}

static __always_inline __u32 histogram_slot(__u64 nanoseconds)
{
    __u64 rest = nanoseconds >> STALL_HIST_SHIFT;
    __u32 slot = 0;
    if (rest >> 32)
        return STALL_HIST_SLOTS - 1;
    __u32 value = rest;
    if (value >> 16) { value >>= 16; slot += 16; }
    if (value >> 8) { value >>= 8; slot += 8; }
    if (value >> 4) { value >>= 4; slot += 4; }
    if (value >> 2) { value >>= 2; slot += 2; }
    slot += value >> 1;
    return slot & (STALL_HIST_SLOTS - 1);
}

// A waking by no thread.
static __always_inline void set_waker_kind(struct thread *thread, __u8 kind)
{
    thread->waker_kind = kind;
    thread->waker_flags = 0;
    thread->waker_pid = 0;
    thread->waker_tid = 0;
    thread->waker_thread = 0;
    thread->waker_comm[0] = 0;
    thread->waker_comm[1] = 0;
}
#endif
