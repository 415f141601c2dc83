// Requests to block devices: who submitted them, how long they were queued, and how long the device took.
#ifndef STALL_BLOCK_H
#define STALL_BLOCK_H

#include "banks.bpf.h"
#include "context.bpf.h"

// include/linux/blk_types.h: what a request does is in the low eight bits; the flags' places differ between kernels.
#define REQUEST_OPERATION 0xff
enum req_flag_bits { __REQ_PREFLUSH };

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 16384);
    __type(key, __u64);  // struct request
    __type(value, struct stall_block_request);
} block_requests SEC(".maps");

// Everything on the host, not just what targets submit: who else keeps a device busy is half of the answer.
BANKED_SUMS(block, struct stall_block_key, struct stall_block_sums, 8192, STALL_LOSS_BLOCK)

static __always_inline __u64 cgroup_of(struct bio *bio)
{
    if (!bpf_core_field_exists(bio->bi_blkg))
        return 0;
    return bio->bi_blkg->blkcg->css.cgroup->kn->id;
}

// Who submits what comes now: the current task, unless an interrupt does.
static __always_inline void set_submitter(struct stall_block_key *key, char *comm)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct cpu *cpu = this_cpu();
    key->pid = key->tid = 0;
    ((__u64 *)comm)[0] = ((__u64 *)comm)[1] = 0;
    if (!cpu || present_context(task, cpu) != CONTEXT_TASK)
        return;
    key->pid = task->tgid;
    key->tid = task->pid;
    ((__u64 *)comm)[0] = *(__u64 *)&task->comm[0];
    ((__u64 *)comm)[1] = *(__u64 *)&task->comm[8];
}

// The end of a request went unseen: its place is taken by another.  It counts, without the device's time.
static __noinline int count_unseen(struct stall_block_request *seen)
{
    if (!seen)
        return 0;
    struct stall_block_key key = seen->key;
    struct stall_block_sums *sums = block_sums(&key, present_bank());
    if (!sums)
        return 0;
    __sync_fetch_and_add(&sums->requests, 1);
    __sync_fetch_and_add(&sums->bytes, seen->bytes);
    __builtin_memcpy(sums->comm, seen->comm, sizeof(sums->comm));
    return 0;
}

static __always_inline void note_request(struct request *request)
{
    __u64 place = (__u64)request;
    struct stall_block_request *before = bpf_map_lookup_elem(&block_requests, &place);
    if (before && before->issued)
        count_unseen(before);
    struct stall_block_request fresh = { .submitted = bpf_ktime_get_boot_ns() };
    fresh.key.operation = request->cmd_flags & REQUEST_OPERATION;
    fresh.key.device = request->q->disk->part0->bd_dev;
    fresh.key.cgroup = cgroup_of(request->bio);
    set_submitter(&fresh.key, fresh.comm);
    if (bpf_map_update_elem(&block_requests, &place, &fresh, BPF_ANY))
        lost(STALL_LOSS_BLOCK);
}

static __always_inline bool goes_with_flush(struct request *request)
{
    return request->cmd_flags & 1u << bpf_core_enum_value(enum req_flag_bits, __REQ_PREFLUSH);
}

static __always_inline void finish_request(struct request *request, bool failed)
{
    __u64 place = (__u64)request, now = bpf_ktime_get_boot_ns();
    struct stall_block_request *seen = bpf_map_lookup_elem(&block_requests, &place);
    if (!seen)
        return;
    struct stall_block_key key = seen->key;
    struct stall_block_sums *sums = block_sums(&key, present_bank());
    if (sums) {
        __u64 issued = seen->issued ? seen->issued : now;
        __u64 queued = issued - seen->submitted, took = now - issued;
        __sync_fetch_and_add(&sums->requests, 1);
        __sync_fetch_and_add(&sums->bytes, seen->bytes);
        __sync_fetch_and_add(&sums->queue_total, queued);
        __sync_fetch_and_add(&sums->device_total, took);
        __sync_fetch_and_add(&sums->queue_hist[histogram_slot(queued)], 1);
        __sync_fetch_and_add(&sums->device_hist[histogram_slot(took)], 1);
        if (goes_with_flush(request))
            __sync_fetch_and_add(&sums->flushes, 1);
        if (failed)
            __sync_fetch_and_add(&sums->errors, 1);
        // Two CPUs that are here at once for the same sums may leave the smaller one: it is a maximum of this tick.
        if (queued + took > sums->max)
            sums->max = queued + took;
        __builtin_memcpy(sums->comm, seen->comm, sizeof(sums->comm));
    }
    bpf_map_delete_elem(&block_requests, &place);
}

// A bio became part of a request that was there already, which stays its first submitter's.
static __always_inline void count_merge(struct bio *bio)
{
    struct stall_block_key key = {};
    char comm[STALL_COMM_LEN];
    key.operation = bio->bi_opf & REQUEST_OPERATION;
    key.device = bio->bi_bdev->bd_disk->part0->bd_dev;
    key.cgroup = cgroup_of(bio);
    set_submitter(&key, comm);
    struct stall_block_sums *sums = block_sums(&key, present_bank());
    if (!sums)
        return;
    __sync_fetch_and_add(&sums->merges, 1);
    __builtin_memcpy(sums->comm, comm, sizeof(sums->comm));
}

SEC("tp_btf/block_io_start")
int BPF_PROG(on_io_start, struct request *request)
{
    note_request(request);
    return 0;
}

// On kernels without the hook above; a request that bypasses the queue is met when it is issued.
SEC("tp_btf/block_rq_insert")
int BPF_PROG(on_insert, struct request *request)
{
    __u64 place = (__u64)request;
    if (!bpf_map_lookup_elem(&block_requests, &place))
        note_request(request);
    return 0;
}

SEC("tp_btf/block_rq_issue")
int BPF_PROG(on_issue, struct request *request)
{
    __u64 place = (__u64)request;
    struct stall_block_request *seen = bpf_map_lookup_elem(&block_requests, &place);
    if (!seen) {
        note_request(request);
        seen = bpf_map_lookup_elem(&block_requests, &place);
        if (!seen)
            return 0;
    }
    // One that the device did not take is issued again: until then it was queued.
    seen->issued = bpf_ktime_get_boot_ns();
    // All that was merged into it is there now.
    seen->bytes = request->__data_len;
    return 0;
}

// A request may be completed in pieces.
SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete, struct request *request, unsigned char error, unsigned int bytes)
{
    if (bytes >= request->__data_len)
        finish_request(request, error);
    return 0;
}

SEC("tp_btf/block_rq_merge")
int BPF_PROG(on_request_merge, struct request *request)
{
    __u64 place = (__u64)request;
    bpf_map_delete_elem(&block_requests, &place);
    return 0;
}

// A request that was given back belongs to no queue: its end went unseen.
static long drop_if_free(void *map, __u64 *place, struct stall_block_request *seen, void *unused)
{
    struct request *request = (struct request *)*place;
    if (!seen->issued || BPF_CORE_READ(request, mq_hctx))
        return 0;
    count_unseen(seen);
    bpf_map_delete_elem(&block_requests, place);
    return 0;
}

SEC("syscall")
int drop_free_requests(void *unused)
{
    bpf_for_each_map_elem(&block_requests, drop_if_free, NULL, 0);
    return 0;
}

SEC("tp_btf/block_bio_backmerge")
int BPF_PROG(on_back_merge, struct bio *bio)
{
    count_merge(bio);
    return 0;
}

SEC("tp_btf/block_bio_frontmerge")
int BPF_PROG(on_front_merge, struct bio *bio)
{
    count_merge(bio);
    return 0;
}
#endif
