// What a thread waits on that waits on several things at once.
#ifndef STALL_SETS_H
#define STALL_SETS_H

#include "futexes.bpf.h"

static __always_inline void add_member(struct thread *thread, __u32 resource, __u64 object)
{
    __u32 count = thread->member_count;
    if (count >= STALL_SET_MEMBERS)
        return;
    thread->members[count].resource = resource;
    thread->members[count].inode = object;
    thread->member_count = count + 1;
}

static __always_inline void add_descriptor(struct task_struct *task, struct thread *thread, __s32 fd)
{
    struct file *file = fd >= 0 ? file_of(task, fd) : NULL;
    if (!file)
        return;
    struct known_file *known = look_up_file(task, thread, file);
    add_member(thread, known->resource, known->object);
    thread->next_object = (__u64)file;
}

struct pollfd {
    __s32 fd;
    __s16 events, revents;
};

// A list in user space that is gone through.
struct list {
    struct task_struct *task;
    struct thread *thread;
    __u64 place;
    __u64 bits;
    __u32 count;
    __u32 word;
};

static long add_polled_entry(__u32 index, struct list *list)
{
    struct pollfd entry = { .fd = -1 };
    if (index >= list->count)
        return 1;
    bpf_probe_read_user(&entry, sizeof(entry), (void *)(list->place + index * sizeof(entry)));
    add_descriptor(list->task, list->thread, entry.fd);
    return 0;
}

// poll and ppoll: the first members of a long list stand for it.
static __noinline int add_polled(struct task_struct *task, struct thread *thread, __u64 place, __u32 count)
{
    if (!thread)
        return 0;
    struct list list = { .task = task, .thread = thread, .place = place, .count = count };
    bpf_loop(STALL_SET_MEMBERS, add_polled_entry, &list, 0);
    return 0;
}

static __always_inline __u64 selected_word(struct pt_regs *regs, int word)
{
    __u64 sum = 0;
    for (int set = 1; set <= 3; set++) {
        __u64 bits = 0;
        __u64 place = syscall_argument(regs, set);
        if (place && !bpf_probe_read_user(&bits, sizeof(bits), (void *)(place + word * sizeof(bits))))
            sum |= bits;
    }
    return sum;
}

static long add_selected_entry(__u32 index, struct list *list)
{
    if (!list->bits) {
        list->word++;
        if (list->word >= 4 || list->word * 64 >= list->count)
            return 1;
        list->bits = selected_word((struct pt_regs *)bpf_task_pt_regs(list->task), list->word);
        return 0;
    }
    __u32 fd = list->word * 64 + __builtin_ctzll(list->bits);
    list->bits &= list->bits - 1;
    if (fd < list->count)
        add_descriptor(list->task, list->thread, fd);
    return 0;
}

// select and pselect6: the first members among the descriptors 0 to 255.
static __noinline int add_selected(struct task_struct *task, struct thread *thread)
{
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
    if (!thread)
        return 0;
    struct list list = {
        .task = task, .thread = thread, .bits = selected_word(regs, 0), .count = syscall_argument(regs, 0)
    };
    bpf_loop(STALL_SET_MEMBERS + 4, add_selected_entry, &list, 0);
    return 0;
}

struct futex_waitv_entry {
    __u64 value, address;
    __u32 flags, reserved;
};

static long add_futex_entry(__u32 index, struct list *list)
{
    struct futex_waitv_entry entry = {};
    if (index >= list->count)
        return 1;
    bpf_probe_read_user(&entry, sizeof(entry), (void *)(list->place + index * sizeof(entry)));
    if (entry.address)
        add_member(list->thread,
                   meet_futex(list->task, list->thread, entry.address, !(entry.flags & FUTEX_PRIVATE_FLAG)),
                   entry.address);
    return 0;
}

static __noinline int add_futexes(struct task_struct *task, struct thread *thread, __u64 place, __u32 count)
{
    if (!thread)
        return 0;
    struct list list = { .task = task, .thread = thread, .place = place, .count = count };
    bpf_loop(STALL_SET_MEMBERS, add_futex_entry, &list, 0);
    return 0;
}

// One member is waited for as itself; several are a resource of their own.
static __noinline __u32 set_resource(struct task_struct *task, struct thread *thread)
{
    if (!thread)
        return 0;
    if (thread->member_count == 1)
        return thread->members[0].resource;
    thread->next_object = 0;
    struct subject subject;
    subject_for(&subject, task, thread, STALL_RESOURCE_SET);
    __u64 hash = thread->member_count;
    for (int i = 0; i < STALL_SET_MEMBERS; i++)
        hash = (hash ^ thread->members[i].resource) * 0x9e3779b97f4a7c15ull;
    subject.key.a = hash;
    own(&subject);
    return resource_id(&subject);
}

static __always_inline void begin_set(struct thread *thread)
{
    thread->member_count = 0;
    for (int i = 0; i < STALL_SET_MEMBERS; i++) {
        thread->members[i].resource = 0;
        thread->members[i].inode = 0;
    }
}
#endif
