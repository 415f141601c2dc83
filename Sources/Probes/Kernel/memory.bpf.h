// What a thread does for want of memory: free some, for the host or for its cgroup, move it about, or read again what
// was taken from it.
#ifndef STALL_MEMORY_H
#define STALL_MEMORY_H

#include "block.bpf.h"
#include "files.bpf.h"
#include "state.bpf.h"

enum { REQUEST_READ = 0 };  // REQ_OP_READ
#define HAS_PAGE_FLAG(flags, name) ((flags) >> bpf_core_enum_value(enum pageflags, name) & 1)

// A page that is read from swap belongs to the swap cache by then, and is locked until it has been read: one that a
// program reads into directly, past the page cache, is not.
static __always_inline bool reads_from_swap(struct bio *bio)
{
    if ((bio->bi_opf & REQUEST_OPERATION) != REQUEST_READ)
        return false;
    // The flags come first in a page; their type has changed in 6.18.
    __u64 flags = read_word((void *)bio->bi_io_vec->bv_page);
    return HAS_PAGE_FLAG(flags, PG_locked) && HAS_PAGE_FLAG(flags, PG_swapbacked) &&
           HAS_PAGE_FLAG(flags, PG_swapcache);
}

// The kind of a wait within one of these; 0 outside.
static __always_inline __u8 memory_wait(struct thread *thread)
{
    if (thread->compacting)
        return STALL_WAIT_COMPACTION;
    if (thread->group_reclaiming)
        return STALL_WAIT_GROUP_RECLAIM;
    return thread->reclaiming ? STALL_WAIT_RECLAIM : 0;
}

// A thread may have become a target in the middle of one.
#define COUNT(field, change)                                                                                        \
    ({                                                                                                              \
        struct thread *thread = current_thread();                                                                   \
        if (thread && ((change) > 0 || thread->field))                                                              \
            thread->field += (change);                                                                              \
        0;                                                                                                          \
    })

SEC("tp_btf/mm_vmscan_direct_reclaim_begin")
int BPF_PROG(on_reclaim)
{
    return COUNT(reclaiming, 1);
}

SEC("tp_btf/mm_vmscan_direct_reclaim_end")
int BPF_PROG(on_reclaim_end)
{
    return COUNT(reclaiming, -1);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_begin")
int BPF_PROG(on_group_reclaim)
{
    return COUNT(group_reclaiming, 1);
}

SEC("tp_btf/mm_vmscan_memcg_reclaim_end")
int BPF_PROG(on_group_reclaim_end)
{
    return COUNT(group_reclaiming, -1);
}

SEC("tp_btf/mm_compaction_begin")
int BPF_PROG(on_compaction)
{
    return COUNT(compacting, 1);
}

SEC("tp_btf/mm_compaction_end")
int BPF_PROG(on_compaction_end)
{
    return COUNT(compacting, -1);
}
#endif
