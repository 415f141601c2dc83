// The page cache: which pages are looked up, read in, made dirty, written back and evicted, by process and file.
//
// Only regular files.  Those that a target uses become resources like files that it waits for; of all others only the
// events on such files count.
#ifndef STALL_PAGECACHE_H
#define STALL_PAGECACHE_H

#include "banks.bpf.h"
#include "context.bpf.h"
#include "objects.bpf.h"


// include/linux/blk_types.h
#define OPERATION_WRITE 1

#define CALL_NUMBER_MADVISE 28
#define CALL_NUMBER_READAHEAD 187
#define CALL_NUMBER_FADVISE 221
#define CALL_NUMBER_COPY_FILE_RANGE 326

// Pages from `start` up to but not including `end`.
struct page_run {
    __u64 start;
    __u64 end;
};

enum { PAGE_RUNS = 4 };  // a power of two

// What a thread is about in the page cache.
struct page_user {
    // The file that it used last in this tick.
    __u64 inode;
    __u64 inode_number;
    __u32 resource;
    __u32 tick;
    // The page fault that was counted last, and how many faults there were before: it is looked at again, as the same
    // fault, when the page has been read.
    __u64 fault_inode;
    __u64 fault_number;
    __u64 fault_index;
    // The read that was counted last.
    __u64 read_inode;
    __u64 read_index;
    __u64 read_last;
    __u64 read_calls;
    // Pages that it has put into the cache since, of one file: the end of the look-up tells which were asked for.
    __u64 run_inode;
    __s64 run_call;  // number of the system call that it did so in; -1: in none
    __u32 run_resource;
    __u32 run_count;
    struct page_run runs[PAGE_RUNS];
};

struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, struct page_user);
} page_users SEC(".maps");

BANKED_SUMS(pages, struct stall_page_key, struct stall_page_sums, 16384, STALL_LOSS_PAGES)

// The sums of the present tick.
static __noinline struct stall_page_sums *page_sums(struct thread *thread, struct task_struct *task, __u32 resource)
{
    struct stall_page_key key = { .pid = thread ? task->tgid : 0, .resource = resource };
    struct stall_page_sums *sums = pages_sums(&key, present_bank());
    if (sums && thread && !sums->comm[0])
        bpf_probe_read_kernel(sums->comm, sizeof(sums->comm), task->group_leader->comm);
    return sums;
}

// The resource of a file; 0 for what is not counted.  `user`, if it is given, remembers it for the rest of the tick.
static __noinline __u32 page_file(struct page_user *user, struct thread *thread, struct task_struct *task, __u64 inode)
{
    __u64 number = read_word((void *)inode + bpf_core_field_offset(struct inode, i_ino));
    bool is_known = user && user->inode == inode && user->inode_number == number && user->tick == (__u32)control.tick;
    // What a stranger's file was not worth may be the target's that it has become.
    if (is_known && (user->resource || !thread))
        return user->resource;
    __u16 mode = read_int((void *)inode + bpf_core_field_offset(struct inode, i_mode));
    if ((mode & S_IFMT) != S_IFREG)
        return 0;
    __u32 resource = 0;
    if (thread) {
        resource = inode_resource(task, thread, (struct inode *)inode);
    } else {
        struct stall_resource_key key = { .a = number, .kind = STALL_RESOURCE_FILE };
        key.b = (__u32)read_int((void *)inode + bpf_core_field_offset(struct inode, i_generation));
        key.c = read_int(POINTER(inode, inode, i_sb) + bpf_core_field_offset(struct super_block, s_dev));
        struct resource *known = bpf_map_lookup_elem(&resources, &key);
        if (known)
            resource = known->id;
    }
    if (user) {
        user->inode = inode;
        user->inode_number = number;
        user->resource = resource;
        user->tick = control.tick;
    }
    return resource;
}

static __always_inline struct page_user *page_user(struct task_struct *task)
{
    struct page_user *user = bpf_task_storage_get(&page_users, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (!user)
        lost(STALL_LOSS_PAGES);
    return user;
}

// Grows with each call that has read: what one call asks for in pieces is one look-up.
static __always_inline __u64 read_calls(struct task_struct *task)
{
    return bpf_core_field_exists(task->ioac.syscr) ? task->ioac.syscr : 0;
}

static __always_inline __u64 fault_number(struct task_struct *task)
{
    return task->min_flt + task->maj_flt;
}

static __always_inline __u64 folio_pages(struct folio *folio)
{
    // The flags come first; only of a folio of several pages are there more fields.
    if (!(read_word(folio) & 1ull << bpf_core_enum_value(enum pageflags, PG_head)))
        return 1;
    if (bpf_core_field_exists(folio->_nr_pages))
        return (__u32)read_int((void *)folio + bpf_core_field_offset(struct folio, _nr_pages));
    if (bpf_core_field_exists(folio->_folio_nr_pages))
        return (__u32)read_int((void *)folio + bpf_core_field_offset(struct folio, _folio_nr_pages));
    return 1;
}

static __always_inline long page_call(struct task_struct *task)
{
    if (task->flags & PF_KTHREAD)
        return -1;
    // What a thread of the kernel's for rings has there is its creator's.
    if (task->flags & PF_IO_WORKER)
        return CALL_NUMBER_IO_URING_ENTER;
    return syscall_number((struct pt_regs *)bpf_task_pt_regs(task));
}

// Whether what a call puts into the cache may be room for what it writes, which it does not tell before.
static __always_inline bool may_write(struct task_struct *task, long call)
{
    if (call < 0 || call >= CALL_COUNT)
        return task->flags & PF_KTHREAD;
    __u8 class = call_classes[call];
    return class == CALL_SPLICE || class == CALL_SENDFILE || class == CALL_IO_URING ||
           call == CALL_NUMBER_COPY_FILE_RANGE || call == CALL_NUMBER_IO_SUBMIT;
}

// What nobody asked for was read ahead, if it was read.
static __noinline int flush_runs(struct page_user *user, struct thread *thread, struct task_struct *task)
{
    __u64 pages = 0;
    for (int i = 0; i < PAGE_RUNS; i++) {
        if (i < user->run_count)
            pages += user->runs[i].end - user->runs[i].start;
    }
    user->run_count = 0;
    struct stall_page_sums *sums = pages && !may_write(task, user->run_call) ? page_sums(thread, task, user->run_resource) : NULL;
    if (sums)
        __sync_fetch_and_add(&sums->read_ahead, pages);
    return 0;
}

// Pages `start` to `last` were asked for; by `sums`, those of them that had to be read in are misses.
static __always_inline void settle_runs(struct page_user *user, struct stall_page_sums *sums, __u64 start, __u64 last)
{
    __u64 misses = 0, others = 0;
    for (int i = 0; i < PAGE_RUNS; i++) {
        if (i >= user->run_count)
            continue;
        struct page_run run = user->runs[i];
        __u64 from = run.start > start ? run.start : start;
        __u64 to = run.end < last + 1 ? run.end : last + 1;
        __u64 asked = from < to ? to - from : 0;
        misses += asked;
        others += run.end - run.start - asked;
    }
    user->run_count = 0;
    if (misses)
        __sync_fetch_and_add(&sums->misses, misses);
    if (others)
        __sync_fetch_and_add(&sums->read_ahead, others);
}

// Runs at the end of a look-up, when what it read in is there.  A call that asks for many pages comes here several
// times, each time for all that it has not got yet.
SEC("tp_btf/mm_filemap_get_pages")
int BPF_PROG(on_page_lookup, struct address_space *mapping, unsigned long index, unsigned long last)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread *thread = thread_of(task);
    struct page_user *user = page_user(task);
    if (!user)
        return 0;
    __u64 inode = (__u64)mapping->host;
    __u32 resource = page_file(user, thread, task, inode);
    if (user->run_count && (user->run_inode != inode || user->run_call != page_call(task)))
        flush_runs(user, thread, task);
    __u64 calls = read_calls(task);
    bool goes_on = user->read_inode == inode && user->read_last == last && index > user->read_index &&
                   user->read_calls == calls;
    user->read_inode = inode;
    user->read_index = index;
    user->read_last = last;
    user->read_calls = calls;
    __s64 size = read_word((void *)inode + bpf_core_field_offset(struct inode, i_size));
    struct stall_page_sums *sums = resource && size > 0 ? page_sums(thread, task, resource) : NULL;
    if (!sums)
        return 0;
    // Whoever asks for more than there is gets no pages for that.
    __u64 end = (__u64)(size - 1) >> PAGE_SHIFT;
    if (end > last)
        end = last;
    if (!goes_on && index <= end)
        __sync_fetch_and_add(&sums->lookups, end - index + 1);
    if (user->run_count)
        settle_runs(user, sums, index, end);
    return 0;
}

static __always_inline void count_fault(struct address_space *mapping, __u64 index)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread *thread = thread_of(task);
    struct page_user *user = page_user(task);
    if (!user)
        return;
    __u64 inode = (__u64)mapping->host, number = fault_number(task);
    bool is_known = user->fault_inode == inode && user->fault_number == number;
    user->fault_inode = inode;
    user->fault_number = number;
    user->fault_index = index;
    if (is_known)
        return;
    __u32 resource = page_file(user, thread, task, inode);
    struct stall_page_sums *sums = resource ? page_sums(thread, task, resource) : NULL;
    if (sums)
        __sync_fetch_and_add(&sums->lookups, 1);
}

// A fault that may be answered with what is in the cache around its page; if not, the next program sees it, too.
SEC("tp_btf/mm_filemap_map_pages")
int BPF_PROG(on_page_map, struct address_space *mapping)
{
    count_fault(mapping, ~0ull);
    return 0;
}

SEC("tp_btf/mm_filemap_fault")
int BPF_PROG(on_page_fault, struct address_space *mapping, unsigned long index)
{
    count_fault(mapping, index);
    return 0;
}

// Adds pages to those whose look-up has not ended.
static __always_inline void note_run(struct page_user *user, struct thread *thread, struct task_struct *task,
                                     __u64 inode, __u32 resource, long call, __u64 start, __u64 end)
{
    __u32 last = user->run_count - 1;
    bool is_same = user->run_inode == inode && user->run_call == call;
    if (user->run_count && is_same && user->runs[last & (PAGE_RUNS - 1)].end == start) {
        user->runs[last & (PAGE_RUNS - 1)].end = end;
        return;
    }
    if (user->run_count && (!is_same || user->run_count >= PAGE_RUNS))
        flush_runs(user, thread, task);
    user->run_inode = inode;
    user->run_call = call;
    user->run_resource = resource;
    struct page_run *run = &user->runs[user->run_count & (PAGE_RUNS - 1)];
    run->start = start;
    run->end = end;
    user->run_count++;
}

SEC("tp_btf/mm_filemap_add_to_page_cache")
int BPF_PROG(on_page_added, struct folio *folio)
{
    struct task_struct *task = bpf_get_current_task_btf();
    long call = page_call(task);
    bool is_call = call >= 0 && call < CALL_COUNT;
    __u64 inode = (__u64)POINTER(address_space, POINTER(folio, folio, mapping), host);
    struct thread *thread = thread_of(task);
    struct page_user *user = page_user(task);
    if (!user)
        return 0;
    bool faults = user->fault_inode == inode && user->fault_number == fault_number(task);
    __u8 class = is_call ? call_classes[call] : CALL_OTHER;
    // Room for what is written: nothing is read.
    if (!faults && (class == CALL_WRITE || (class == CALL_FILE && call != CALL_NUMBER_FADVISE)))
        return 0;
    __u32 resource = page_file(user, thread, task, inode);
    if (!resource)
        return 0;
    __u64 pages = folio_pages(folio);
    __u64 start = read_word((void *)folio + bpf_core_field_offset(struct folio, index));
    bool is_advice = call == CALL_NUMBER_READAHEAD || call == CALL_NUMBER_FADVISE || call == CALL_NUMBER_MADVISE;
    if (!faults && !is_advice && config.has_page_lookups) {
        note_run(user, thread, task, inode, resource, call, start, start + pages);
        return 0;
    }
    struct stall_page_sums *sums = page_sums(thread, task, resource);
    if (!sums)
        return 0;
    if (faults && start <= user->fault_index && user->fault_index < start + pages) {
        __sync_fetch_and_add(&sums->misses, 1);
        pages--;
    }
    __sync_fetch_and_add(&sums->read_ahead, pages);
    return 0;
}

// Whoever does it, and for whatever reason: it was truncated, deleted, not needed any more, or its memory was.
SEC("tp_btf/mm_filemap_delete_from_page_cache")
int BPF_PROG(on_page_deleted, struct folio *folio)
{
    struct task_struct *task = bpf_get_current_task_btf();
    __u64 inode = (__u64)POINTER(address_space, POINTER(folio, folio, mapping), host);
    // Who takes memory from a file does not use it.
    __u32 resource = page_file(NULL, NULL, task, inode);
    struct stall_page_sums *sums = resource ? page_sums(thread_of(task), task, resource) : NULL;
    if (sums)
        __sync_fetch_and_add(&sums->evicted, folio_pages(folio));
    return 0;
}

SEC("tp_btf/writeback_dirty_folio")
int BPF_PROG(on_page_dirtied, struct folio *folio, struct address_space *mapping)
{
    struct task_struct *task = bpf_get_current_task_btf();
    struct thread *thread = thread_of(task);
    struct page_user *user = bpf_task_storage_get(&page_users, task, 0, 0);
    __u32 resource = mapping ? page_file(user, thread, task, (__u64)mapping->host) : 0;
    struct stall_page_sums *sums = resource ? page_sums(thread, task, resource) : NULL;
    if (sums)
        __sync_fetch_and_add(&sums->dirtied, folio_pages(folio));
    return 0;
}

// The file whose cached pages a request writes; 0 if they are none.
static __always_inline __u64 written_inode(struct bio *bio)
{
    void *vector = POINTER(bio, bio, bi_io_vec);
    void *page = vector ? POINTER(bio_vec, vector, bv_page) : NULL;
    if (!page)
        return 0;
    __u64 head = read_word(page + bpf_core_field_offset(struct page, compound_head));
    if (head & 1)
        page = (void *)(head - 1);
    __u64 mapping = (__u64)POINTER(folio, page, mapping);
    // include/linux/page-flags.h: the low bits tell that it is no file's, as with direct I/O.
    return !mapping || mapping & 3 ? 0 : (__u64)POINTER(address_space, mapping, host);
}

// The kernel has no event for pages that are written back, but their requests go to the file system's own device; what
// a device below makes of them does not count again.
SEC("tp_btf/block_bio_queue")
int BPF_PROG(on_page_written, struct bio *bio)
{
    if ((bio->bi_opf & 0xff) != OPERATION_WRITE || !bio->bi_iter.bi_size)
        return 0;
    __u64 inode = written_inode(bio);
    if (!inode || POINTER(super_block, POINTER(inode, inode, i_sb), s_bdev) != (void *)bio->bi_bdev)
        return 0;
    struct task_struct *task = bpf_get_current_task_btf();
    struct cpu *cpu = this_cpu();
    struct thread *thread = cpu && present_context(task, cpu) == CONTEXT_TASK ? thread_of(task) : NULL;
    __u32 resource = page_file(NULL, NULL, task, inode);
    struct stall_page_sums *sums = resource ? page_sums(thread, task, resource) : NULL;
    if (sums)
        __sync_fetch_and_add(&sums->written, (bio->bi_iter.bi_size + (1ull << PAGE_SHIFT) - 1) >> PAGE_SHIFT);
    return 0;
}
#endif
