// Which resource lies behind a descriptor.
#ifndef STALL_OBJECTS_H
#define STALL_OBJECTS_H

#include "resources.bpf.h"

static __always_inline struct file *file_of(struct task_struct *task, __u32 fd)
{
    struct fdtable *table = task->files->fdt;
    if (!table || fd >= table->max_fds)
        return NULL;
    return (struct file *)read_word((void *)table->fd + (__u64)fd * sizeof(struct file *));
}

static __always_inline void subject_for(struct subject *subject, struct task_struct *task, struct thread *thread,
                                        __u32 kind)
{
    __builtin_memset(subject, 0, sizeof(*subject));
    subject->task = task;
    subject->thread = thread;
    subject->key.kind = kind;
    subject->fd = -1;
}

// Makes a subject one of the thread's process alone.
static __always_inline void own(struct subject *subject)
{
    subject->key.b = subject->thread->incarnation;
    subject->key.c = subject->task->tgid;
}

static __always_inline __u32 simple_resource(struct task_struct *task, struct thread *thread, __u32 kind, __u64 a)
{
    struct subject subject;
    subject_for(&subject, task, thread, kind);
    subject.key.a = a;
    own(&subject);
    return resource_id(&subject);
}

// Names of anonymous inodes, in the order of their bytes: "[eventpo", "[io_urin".
#define NAME_EVENTPOLL 0x6f70746e6576655bull
#define NAME_IO_URING 0x6e6972755f6f695bull

static __always_inline __u32 anonymous_kind(struct file *file)
{
    __u64 start = 0;
    bpf_probe_read_kernel(&start, sizeof(start), (void *)dentry_name(BPF_CORE_READ(file, f_path.dentry)));
    if (start == NAME_EVENTPOLL)
        return STALL_RESOURCE_EPOLL;
    return start == NAME_IO_URING ? STALL_RESOURCE_IO_URING : STALL_RESOURCE_ANON;
}

static __always_inline __u32 socket_kind(struct socket *socket)
{
    __u16 family = BPF_CORE_READ(socket, sk, __sk_common.skc_family);
    if (family == AF_UNIX)
        return STALL_RESOURCE_UNIX;
    return family == AF_INET || family == AF_INET6 ? STALL_RESOURCE_INET : STALL_RESOURCE_SOCKET;
}

// The resource behind a file that the thread has not met, or not lately.
static __noinline int meet_file(struct task_struct *task, struct thread *thread, struct file *file,
                                struct known_file *known)
{
    if (!thread || !known)
        return 0;
    struct subject subject;
    subject_for(&subject, task, thread, 0);
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    subject.file = file;
    known->object = subject.key.a = BPF_CORE_READ(inode, i_ino);
    switch (BPF_CORE_READ(inode, i_mode) & S_IFMT) {
    case S_IFSOCK:
        subject.socket = BPF_CORE_READ((struct file *)file, private_data);
        subject.key.kind = socket_kind(subject.socket);
        break;
    case S_IFIFO:
        subject.key.kind = STALL_RESOURCE_PIPE;
        subject.key.c = BPF_CORE_READ(inode, i_sb, s_dev);
        break;
    case S_IFREG:
    case S_IFDIR:
        subject.key.kind = STALL_RESOURCE_FILE;
        subject.key.b = BPF_CORE_READ(inode, i_generation);
        subject.key.c = BPF_CORE_READ(inode, i_sb, s_dev);
        break;
    case S_IFCHR:
    case S_IFBLK:
        subject.key.kind = STALL_RESOURCE_DEVICE_FILE;
        subject.key.c = BPF_CORE_READ(inode, i_sb, s_dev);
        break;
    default:
        known->object = subject.key.a = (__u64)BPF_CORE_READ(file, private_data);
        subject.key.kind = anonymous_kind(file);
        if (subject.key.kind == STALL_RESOURCE_EPOLL)
            own(&subject);
        else if (subject.key.kind != STALL_RESOURCE_IO_URING)  // so that another kind of object that gets the same memory is another resource
            subject.key.b = (__u64)BPF_CORE_READ(file, f_op);
    }
    known->kind = subject.key.kind;
    known->resource = resource_id(&subject);
    known->file = (__u64)file;
    return 0;
}

static __noinline __u32 inode_resource(struct task_struct *task, struct thread *thread, struct inode *inode)
{
    if (!thread)
        return 0;
    struct subject subject;
    subject_for(&subject, task, thread, STALL_RESOURCE_FILE);
    subject.inode = inode;
    subject.key.a = BPF_CORE_READ(inode, i_ino);
    subject.key.b = BPF_CORE_READ(inode, i_generation);
    subject.key.c = BPF_CORE_READ(inode, i_sb, s_dev);
    return resource_id(&subject);
}

// The kernel object that tells whether a known file is still the same.
static __always_inline __u64 object_of(struct file *file, __u8 kind)
{
    if (kind == STALL_RESOURCE_EPOLL || kind == STALL_RESOURCE_IO_URING || kind == STALL_RESOURCE_ANON)
        return (__u64)POINTER(file, file, private_data);
    return inode_number(file);
}

static __always_inline struct known_file *look_up_file(struct task_struct *task, struct thread *thread,
                                                       struct file *file)
{
    struct known_file *known = &thread->files[place_of((__u64)file, KNOWN_FILES)];
    if (known->file != (__u64)file || known->object != object_of(file, known->kind) ||
        known->epoch != epoch()) {
        meet_file(task, thread, file, known);
        known->epoch = epoch();
    }
    return known;
}

// The member of an epoll set whose event comes first.  It is put on the ready list before the waiters are woken,
// and stays there until they run.
static __always_inline struct file *ready_file(__u64 object)
{
    void *first = POINTER(eventpoll, object, rdllist.next);
    if (!first || (__u64)first == object + bpf_core_field_offset(struct eventpoll, rdllist))
        return NULL;
    return POINTER(epitem, first - bpf_core_field_offset(struct epitem, rdllink), ffd.file);
}
#endif
