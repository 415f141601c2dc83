// Requests of io_uring: who submits them, whether they are handed to workers, and when they are completed.
//
// All but the first program run for everybody's rings, so they are attached when a target has one.
#ifndef STALL_RINGS_H
#define STALL_RINGS_H

#include "async.bpf.h"
#include "objects.bpf.h"
#include "operations.bpf.h"

// include/linux/io_uring_types.h: the same bits since 5.19.
#define REQUEST_FIXED_FILE (1u << 0)
#define REQUEST_SKIPS_COMPLETION (1u << 6)
#define ERROR_TIME (-62)
#define ERROR_CANCELED (-125)

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __type(key, __u64);  // struct io_kiocb
    __type(value, struct stall_async_request);
} ring_requests SEC(".maps");

#define REQUEST_INT(request, field) read_int((request) + bpf_core_field_offset(struct io_kiocb, field))

static __always_inline struct stall_resource_key ring_key(void *ring)
{
    return (struct stall_resource_key){ .a = (__u64)ring, .kind = STALL_RESOURCE_IO_URING };
}

static __noinline __u32 meet_ring(struct task_struct *task, struct thread *thread, void *ring)
{
    if (!thread)
        return 0;
    struct subject subject;
    subject_for(&subject, task, thread, STALL_RESOURCE_IO_URING);
    subject.key = ring_key(ring);
    thread->ring = resource_id(&subject);
    thread->ring_object = (__u64)ring;
    thread->ring_epoch = epoch();
    return thread->ring;
}

static __always_inline __u32 ring_of(struct task_struct *task, struct thread *thread, void *ring)
{
    if (thread->ring_object == (__u64)ring && thread->ring_epoch == epoch())
        return thread->ring;
    return meet_ring(task, thread, ring);
}

// The file at a place in a ring's own table.
static __always_inline struct file *registered_file(void *ring, __u32 index)
{
    void *table = ring + bpf_core_field_offset(struct io_ring_ctx, file_table);
    void *place;
    if (bpf_core_field_exists(struct io_file_table, data)) {
        void *data = table + bpf_core_field_offset(struct io_file_table, data);
        if (index >= (__u32)read_int(data + bpf_core_field_offset(struct io_rsrc_data, nr)))
            return NULL;
        void *nodes = POINTER(io_rsrc_data, data, nodes);
        place = nodes ? (void *)read_word(nodes + (__u64)index * sizeof(void *)) : NULL;
        if (place)
            place += bpf_core_field_offset(struct io_rsrc_node, file_ptr);
    } else {
        if (index >= (__u32)read_int(ring + bpf_core_field_offset(struct io_ring_ctx, nr_user_files)))
            return NULL;
        place = POINTER(io_file_table, table, files);
        if (place)
            place += (__u64)index * bpf_core_type_size(struct io_fixed_file);
    }
    // The low bits are flags.
    return place ? (struct file *)(read_word(place) & ~7ull) : NULL;
}

static __always_inline __u32 request_file(struct task_struct *task, struct thread *thread, void *ring, void *request,
                                          __u8 operation, __u32 flags)
{
    if (!has_file(operation))
        return 0;
    __s32 fd = REQUEST_INT(request, cqe.fd);
    if (fd < 0)
        return 0;
    struct file *file = flags & REQUEST_FIXED_FILE ? registered_file(ring, fd) : file_of(task, fd);
    return file ? look_up_file(task, thread, file)->resource : 0;
}

static __always_inline void note_submission(void *request)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread *thread = thread_of(task);
    if (!thread)
        return;
    __u64 place = (__u64)request;
    struct stall_async_request *before = bpf_map_lookup_elem(&ring_requests, &place);
    if (before)
        count_untold(&before->key);
    void *ring = POINTER(io_kiocb, request, ctx);
    __u32 flags = REQUEST_INT(request, flags);
    struct stall_async_request fresh = { .pid = task->tgid };
    fresh.key.thread = thread->id;
    fresh.key.operation = REQUEST_INT(request, opcode);
    fresh.key.issue = fresh.key.operation == OPERATION_POLL_ADD ? STALL_ISSUE_POLL : STALL_ISSUE_INLINE;
    fresh.key.ring = ring_of(task, thread, ring);
    fresh.key.file = request_file(task, thread, ring, request, fresh.key.operation, flags);
    if (flags & REQUEST_SKIPS_COMPLETION) {
        // Only its failure would be told.
        count_untold(&fresh.key);
        return;
    }
    fresh.submitted = bpf_ktime_get_boot_ns();
    if (bpf_map_update_elem(&ring_requests, &place, &fresh, BPF_ANY))
        lost(STALL_LOSS_ASYNC);
}

// How many completions lie in the ring that the program has not taken.
static __always_inline __u32 unreaped(void *ring)
{
    void *rings = POINTER(io_ring_ctx, ring, rings);
    if (!rings)
        return 0;
    __u32 head = read_int(rings + bpf_core_field_offset(struct io_rings, cq.head));
    return (__u32)read_int(ring + bpf_core_field_offset(struct io_ring_ctx, cached_cq_tail)) - head;
}

static __always_inline bool is_failure(__u8 operation, __s32 result)
{
    // What was waited for.
    if (operation == OPERATION_TIMEOUT && result == ERROR_TIME)
        return false;
    if (operation == OPERATION_LINK_TIMEOUT && result == ERROR_CANCELED)
        return false;
    return result < 0;
}

// A completion without a request that was seen to be submitted: it is one of several of its request, or was submitted
// before the programs were attached, or by a stranger.
static __noinline int count_unexpected(void *ring, void *request)
{
    struct stall_resource_key place = ring_key(ring);
    struct resource *known = bpf_map_lookup_elem(&resources, &place);
    if (!known)
        return 0;
    struct stall_async_key key = { .ring = known->id, .operation = STALL_OPERATION_NONE };
    if (request)
        key.operation = REQUEST_INT(request, opcode);
    struct stall_async_sums *sums = async_sums(&key, present_bank());
    if (!sums)
        return 0;
    __sync_fetch_and_add(&sums->completions, 1);
    if (request)
        __sync_fetch_and_add(&sums->untold, 1);
    __u32 waiting = unreaped(ring);
    if (waiting > sums->unreaped)
        sums->unreaped = waiting;
    return 0;
}

SEC("tp_btf/io_uring_complete")
int BPF_PROG(on_ring_complete, void *ring, void *request)
{
    __u64 place = (__u64)request;
    struct stall_async_request *seen = place ? bpf_map_lookup_elem(&ring_requests, &place) : NULL;
    if (!seen) {
        count_unexpected(ring, request);
        return 0;
    }
    __s32 result = REQUEST_INT(request, cqe.res);
    count_completion(seen, bpf_ktime_get_boot_ns(), is_failure(seen->key.operation, result), unreaped(ring));
    bpf_map_delete_elem(&ring_requests, &place);
    return 0;
}

static __always_inline void note_issue(void *request, __u8 issue)
{
    __u64 place = (__u64)request;
    struct stall_async_request *seen = bpf_map_lookup_elem(&ring_requests, &place);
    if (seen && seen->key.issue != STALL_ISSUE_WORKER)
        seen->key.issue = issue;
}

SEC("tp_btf/io_uring_queue_async_work")
int BPF_PROG(on_ring_worker, struct io_kiocb *request)
{
    note_issue(request, STALL_ISSUE_WORKER);
    return 0;
}

SEC("tp_btf/io_uring_poll_arm")
int BPF_PROG(on_ring_poll, struct io_kiocb *request)
{
    note_issue(request, STALL_ISSUE_POLL);
    return 0;
}

SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_ring_submit, struct io_kiocb *request)
{
    note_submission(request);
    return 0;
}

// Its name before 6.3.
SEC("tp_btf/io_uring_submit_sqe")
int BPF_PROG(on_ring_submit_entry, struct io_kiocb *request)
{
    note_submission(request);
    return 0;
}

SEC("tp_btf/io_uring_create")
int BPF_PROG(on_ring_create, int fd, void *ring)
{
    struct task_struct *task = bpf_get_current_task_btf();
    // The ring that was at this place before is another resource, whoever had it.
    struct stall_resource_key place = ring_key(ring);
    bpf_map_delete_elem(&resources, &place);
    struct thread *thread = thread_of(task);
    if (!thread)
        return 0;
    ask_for_rings();
    thread->ring_object = 0;
    struct file *file = fd >= 0 ? file_of(task, fd) : NULL;
    if (file)
        thread->files[place_of((__u64)file, KNOWN_FILES)].file = 0;
    return 0;
}

// Threads that the kernel makes in a process for its rings: no `sched_process_fork` tells of them.
SEC("tp_btf/task_newtask")
int BPF_PROG(on_new_task, struct task_struct *task)
{
    if (!(task->flags & PF_IO_WORKER))
        return 0;
    struct task_struct *creator = bpf_get_current_task_btf();
    struct thread *thread = task->tgid == creator->tgid ? thread_of(creator) : NULL;
    if (!thread)
        return 0;
    __u64 now = bpf_ktime_get_boot_ns();
    thread = track(task, thread, STALL_BIRTH_FORKED, now);
    if (thread)
        begin(task, thread, STALL_STATE_RUN_QUEUE, now);
    return 0;
}
#endif
