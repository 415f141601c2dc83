// Requests of aio (io_submit), where system calls are counted.  The kernel has no event at their end: they last until
// the program is given them by io_getevents.
#ifndef STALL_AIO_H
#define STALL_AIO_H

#include "async.bpf.h"
#include "objects.bpf.h"

#define MOST_BLOCKS 1024  // that are looked at in one call

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, struct stall_aio_key);
    __type(value, struct stall_async_request);
} aio_requests SEC(".maps");

// The beginning of struct iocb, and struct io_event (include/uapi/linux/aio_abi.h).
struct aio_block {
    __u64 data;
    __u32 key, flags;
    __u16 operation;
    __s16 priority;
    __u32 fd;
};
struct aio_event {
    __u64 data, block;
    __s64 result, second;
};

struct blocks {
    struct task_struct *task;
    struct thread *thread;
    __u64 place;  // of the array in the program's memory
    __u64 time;
    __u32 from, count;
    __u32 context;  // resource
};

static long add_block(__u32 index, struct blocks *blocks)
{
    if (index >= blocks->count)
        return 1;
    struct stall_aio_key place = { .pid = blocks->task->tgid };
    struct aio_block block = {};
    if (bpf_probe_read_user(&place.block, sizeof(place.block), (void *)(blocks->place + index * 8ull)) ||
        bpf_probe_read_user(&block, sizeof(block), (void *)place.block)) {
        lost(STALL_LOSS_ASYNC);
        return 0;
    }
    struct stall_async_request *before = bpf_map_lookup_elem(&aio_requests, &place);
    if (before)
        count_untold(&before->key);
    struct stall_async_request fresh = { .submitted = blocks->time, .pid = blocks->task->tgid };
    fresh.key.thread = blocks->thread->id;
    fresh.key.ring = blocks->context;
    fresh.key.operation = block.operation;
    fresh.key.issue = STALL_ISSUE_AIO;
    struct file *file = file_of(blocks->task, block.fd);
    if (file)
        fresh.key.file = look_up_file(blocks->task, blocks->thread, file)->resource;
    if (bpf_map_update_elem(&aio_requests, &place, &fresh, BPF_ANY))
        lost(STALL_LOSS_ASYNC);
    return 0;
}

// io_submit(context, count, blocks) begins: another thread may be given a request before it returns.
static __noinline int note_blocks(struct task_struct *task, struct thread *thread, struct pt_regs *regs)
{
    if (!thread)
        return 0;
    struct blocks blocks = {
        .task = task, .thread = thread, .place = syscall_argument(regs, 2), .time = bpf_ktime_get_boot_ns(),
        .count = syscall_argument(regs, 1),
        .context = simple_resource(task, thread, STALL_RESOURCE_AIO, syscall_argument(regs, 0))
    };
    if (blocks.count > MOST_BLOCKS)
        __sync_fetch_and_add(&losses[STALL_LOSS_ASYNC], blocks.count - MOST_BLOCKS);
    bpf_loop(MOST_BLOCKS, add_block, &blocks, 0);
    return 0;
}

static long remove_block(__u32 index, struct blocks *blocks)
{
    struct stall_aio_key place = { .pid = blocks->task->tgid };
    if (blocks->from + index >= blocks->count)
        return 1;
    __u64 pointer = blocks->place + (blocks->from + index) * 8ull;
    if (!bpf_probe_read_user(&place.block, sizeof(place.block), (void *)pointer))
        bpf_map_delete_elem(&aio_requests, &place);
    return 0;
}

// It returned, and took the first `taken` of them.
static __noinline int forget_blocks(struct task_struct *task, struct pt_regs *regs, long taken)
{
    struct blocks blocks = {
        .task = task, .place = syscall_argument(regs, 2), .count = syscall_argument(regs, 1),
        .from = taken > 0 ? taken : 0
    };
    if (blocks.from < blocks.count)
        bpf_loop(MOST_BLOCKS, remove_block, &blocks, 0);
    return 0;
}

static long add_event(__u32 index, struct blocks *events)
{
    if (index >= events->count)
        return 1;
    struct aio_event event = {};
    if (bpf_probe_read_user(&event, sizeof(event), (void *)(events->place + index * sizeof(event)))) {
        lost(STALL_LOSS_ASYNC);
        return 0;
    }
    struct stall_aio_key place = { .block = event.block, .pid = events->task->tgid };
    struct stall_async_request *seen = bpf_map_lookup_elem(&aio_requests, &place);
    if (!seen)
        return 0;
    count_completion(seen, events->time, event.result < 0, 0);
    bpf_map_delete_elem(&aio_requests, &place);
    return 0;
}

// io_getevents(context, least, most, events, ...) has returned so many.
static __noinline int take_events(struct task_struct *task, struct pt_regs *regs, long count)
{
    if (count <= 0)
        return 0;
    struct blocks events = {
        .task = task, .place = syscall_argument(regs, 3), .count = count, .time = bpf_ktime_get_boot_ns()
    };
    if (events.count > MOST_BLOCKS)
        __sync_fetch_and_add(&losses[STALL_LOSS_ASYNC], events.count - MOST_BLOCKS);
    bpf_loop(MOST_BLOCKS, add_event, &events, 0);
    return 0;
}

static __always_inline void note_aio_return(struct task_struct *task, struct pt_regs *regs, long number, long result)
{
    if (number == CALL_NUMBER_IO_SUBMIT)
        forget_blocks(task, regs, result);
    else if (number == CALL_NUMBER_IO_GETEVENTS || number == CALL_NUMBER_IO_PGETEVENTS)
        take_events(task, regs, result);
}
#endif
