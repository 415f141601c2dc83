// Call stacks of threads that block, and of those that wake them.
//
// All of this is loaded and attached only where stacks are asked for.  The programs run after those that decide what a
// switch or a waking means, and rest on what they left in the thread's account.
#ifndef STALL_STACKS_H
#define STALL_STACKS_H

#include "account.bpf.h"
#include "banks.bpf.h"

// Stacks that were told, by a hash of the process and the addresses.  Of 64 bits: among a million stacks two are taken
// for one with a probability of 1 to 37 million.
struct known_stack {
    __u32 id;
    __u32 tick;  // in which it was last met
};
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, __u64);
    __type(value, struct known_stack);
} stack_ids SEC(".maps");

// Where stacks are put together: for switches and wakings, which happen with interrupts off, and for the iterator, which
// they interrupt.
enum { STACK_ROOM_EVENT = 0, STACK_ROOM_ITERATOR = 1, STACK_ROOMS = 2 };
struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, STACK_ROOMS);
    __type(key, __u32);
    __type(value, struct stall_stack);
} stack_rooms SEC(".maps");

BANKED_SUMS(stack_waits, struct stall_stack_key, struct stall_stack_sums, 32768, STALL_LOSS_STACK_WAIT)

__u32 last_stack_id SEC(".data.ids") = 0;

static __noinline __u64 stack_hash(struct stall_stack *stack)
{
    __u64 hash = stack->incarnation ^ stack->pid;
    for (__u32 i = 0; i < STALL_STACK_FRAMES && i < stack->count; i++) {
        hash = (hash ^ stack->frames[i]) * 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 29;
    }
    return hash;
}

// The id of the stack whose frames take `size` bytes; a new one is told.  A process may end soon after its first stack,
// and its addresses then mean nothing: so the collector is called for each that is new.
static __noinline __u32 stack_id(struct stall_stack *stack, long size)
{
    // The kernel has no stack of this kind: of a kernel thread's user side, or where a page was not in memory.
    if (!stack || size < (long)sizeof(__u64) || size > (long)sizeof(stack->frames))
        return 0;
    stack->type = STALL_EVENT_STACK;
    stack->count = size / sizeof(__u64);
    __u64 hash = stack_hash(stack);
    struct known_stack *known = bpf_map_lookup_elem(&stack_ids, &hash);
    if (known) {
        known->tick = control.tick;
        return known->id;
    }
    struct known_stack fresh = { .id = __sync_fetch_and_add(&last_stack_id, 1) + 1, .tick = control.tick };
    if (bpf_map_update_elem(&stack_ids, &hash, &fresh, BPF_NOEXIST)) {
        // Another CPU was first, or the map is full.
        known = bpf_map_lookup_elem(&stack_ids, &hash);
        if (known)
            return known->id;
        lost(STALL_LOSS_STACK);
        return STALL_STACK_LOST;
    }
    stack->id = fresh.id;
    // The verifier wants to see the bound on the very value that is used.
    __u32 count = stack->count;
    asm volatile("%0 &= %1" : "+r"(count) : "i"(STALL_STACK_FRAMES));
    __u64 length = __builtin_offsetof(struct stall_stack, frames) + count * sizeof(__u64);
    if (bpf_ringbuf_output(&events, stack, length, BPF_RB_FORCE_WAKEUP)) {
        bpf_map_delete_elem(&stack_ids, &hash);
        lost(STALL_LOSS_STACK);
        return STALL_STACK_LOST;
    }
    return fresh.id;
}

static __always_inline struct stall_stack *stack_room(__u32 which)
{
    return bpf_map_lookup_elem(&stack_rooms, &which);
}

static __always_inline __u32 kernel_stack(void *context)
{
    struct stall_stack *stack = stack_room(STACK_ROOM_EVENT);
    if (!stack)
        return 0;
    stack->incarnation = 0;
    stack->pid = 0;
    return stack_id(stack, bpf_get_stack(context, stack->frames, sizeof(stack->frames), 0));
}

// Of `task`, the current one.
static __always_inline __u32 user_stack(void *context, struct task_struct *task)
{
    struct stall_stack *stack = stack_room(STACK_ROOM_EVENT);
    if (!stack || (task->flags & PF_KTHREAD))
        return 0;
    stack->incarnation = incarnation_of(task);
    stack->pid = task->tgid;
    return stack_id(stack, bpf_get_stack(context, stack->frames, sizeof(stack->frames), BPF_F_USER_STACK));
}

// Moves the time up to which the wait is counted on to `until`, and returns what it was before: the time between is the
// caller's to count, and only the caller's.  A switch and the iterator may both try; never is it moved back.
static __always_inline __u64 claim_stack_time(struct stack_wait *wait, __u64 until)
{
    __u64 before = *(volatile __u64 *)&wait->counted;
    if (before >= until)
        return until;
    __u64 seen = __sync_val_compare_and_swap(&wait->counted, before, until);
    if (seen == before)
        return before;
    // The iterator has just moved it on, which it does once a tick.
    return seen < until && __sync_val_compare_and_swap(&wait->counted, seen, until) == seen ? seen : until;
}

static __always_inline void stack_wait_key(struct thread *thread, bool ended, struct stall_stack_key *key)
{
    struct stack_wait *wait = &thread->stacks;
    *key = (struct stall_stack_key){
        .thread = thread->id, .resource = wait->resource, .kind = wait->kind, .user = wait->user, .kernel = wait->kernel
    };
    if (!ended)
        return;
    key->waker_kind = thread->waker_kind;
    key->waker_pid = thread->waker_pid;
    key->waker_tid = thread->waker_tid;
    // Else that waking went unseen here.
    if (thread->waker_tid && wait->waker_tid == thread->waker_tid) {
        key->waker_user = wait->waker_user;
        key->waker_kernel = wait->waker_kernel;
    }
}

// The wait whose stacks were taken has ended at `ended`.  Where the iterator has moved the thread on to the next tick and
// has not yet been here, a part of the wait belongs to the tick before.
static __noinline int end_stack_wait(struct thread *thread, __u64 ended)
{
    if (!thread)
        return 0;
    struct stack_wait *wait = &thread->stacks;
    __u64 since = wait->since;
    bool odd = bank_of(thread->word);
    __u64 boundary = thread->bank[odd ? 1 : 0].from;
    __u64 from = claim_stack_time(wait, ended);
    struct stall_stack_key key;
    stack_wait_key(thread, true, &key);
    if (from < boundary && from < ended) {
        __u64 early = (ended < boundary ? ended : boundary) - from;
        struct stall_stack_sums *before = stack_waits_sums(&key, !odd);
        if (before)
            __sync_fetch_and_add(&before->total, early);
        from += early;
    }
    struct stall_stack_sums *sums = stack_waits_sums(&key, odd);
    if (sums) {
        __u64 length = elapsed(since, ended);
        sums->count++;
        sums->total += ended - from;
        if (length > sums->max)
            sums->max = length;
        sums->carried |= since < boundary;
        ((__u64 *)sums->waker_comm)[0] = thread->waker_comm[0];
        ((__u64 *)sums->waker_comm)[1] = thread->waker_comm[1];
    }
    wait->since = 0;
    return 0;
}

// A wait begins that `on_switch` has just classified, or began without a stack being taken: the thread slept already when
// it became a target.
static __always_inline void begin_stack_wait(struct thread *thread, __u32 kernel, __u32 user)
{
    struct stack_wait *wait = &thread->stacks;
    wait->kernel = kernel;
    wait->user = user;
    wait->kind = thread->wait.kind;
    wait->resource = thread->wait.resource;
    wait->counted = thread->off_since;
    // Last: the iterator may look at any time.
    barrier();
    wait->since = thread->off_since;
}

// Runs after `on_switch`, which has classified the wait that begins, and put an end to the one that is over.
SEC("tp_btf/sched_switch")
int BPF_PROG(on_stack_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
    struct thread *entering = thread_of(next);
    // A thread that ran when it became a target has left no CPU yet.
    if (entering && !entering->preempted && entering->off_since) {
        if (!entering->stacks.since)
            begin_stack_wait(entering, 0, 0);
        end_stack_wait(entering, entering->last_wake);
    }
    struct thread *leaving = thread_of(prev);
    if (!leaving)
        return 0;
    // It was given its CPU and no program was run.
    if (leaving->stacks.since)
        end_stack_wait(leaving, leaving->last_wake);
    if (!leaving->preempted)
        begin_stack_wait(leaving, kernel_stack(ctx), user_stack(ctx, prev));
    return 0;
}

// Runs after `on_waking`, which has found out who wakes.
SEC("tp_btf/sched_waking")
int BPF_PROG(on_stack_waking, struct task_struct *task)
{
    struct thread *thread = thread_of(task);
    if (!thread || (thread->waker_kind != STALL_WAKER_THREAD && thread->waker_kind != STALL_WAKER_SELF))
        return 0;
    struct task_struct *waker = bpf_get_current_task_btf();
    struct stack_wait *wait = &thread->stacks;
    wait->waker_tid = waker->pid;
    wait->waker_kernel = kernel_stack(ctx);
    wait->waker_user = user_stack(ctx, waker);
    return 0;
}

// A thread that slept already when it became a target: its side in the kernel can be seen all the same.
static __always_inline void find_stack(struct task_struct *task, struct thread *thread)
{
    struct stall_stack *stack = stack_room(STACK_ROOM_ITERATOR);
    if (!stack)
        return;
    stack->incarnation = 0;
    stack->pid = 0;
    __u32 kernel = stack_id(stack, bpf_get_task_stack(task, stack->frames, sizeof(stack->frames), 0));
    begin_stack_wait(thread, kernel, 0);
}

// Runs when all threads are settled: counts what waits that go on had of the tick that is over.
SEC("iter/task")
int settle_stacks(struct bpf_iter__task *context)
{
    struct task_struct *task = context->task;
    struct thread *thread = task ? thread_of(task) : NULL;
    if (!thread || thread->preempted || !is_off_cpu(thread->word))
        return 0;
    struct stack_wait *wait = &thread->stacks;
    __u64 word = thread->word, boundary = thread->bank[bank_of(word)].from;
    bool is_blocked = state_of(word) == STALL_STATE_BLOCKED;
    if (!wait->since && is_blocked)
        find_stack(task, thread);
    __u64 since = *(volatile __u64 *)&wait->since;
    if (!since)
        return 0;
    struct stall_stack_key key;
    stack_wait_key(thread, false, &key);
    __u64 until = !is_blocked && thread->woken_at < boundary ? thread->woken_at : boundary;
    __u64 before = *(volatile __u64 *)&wait->counted;
    // If it fails, the thread has been given a CPU and has counted that time itself.
    if (before >= until || __sync_val_compare_and_swap(&wait->counted, before, until) != before)
        return 0;
    struct stall_stack_sums *sums = stack_waits_sums(&key, !bank_of(word));
    if (sums)
        __sync_fetch_and_add(&sums->total, until - before);
    return 0;
}
#endif
