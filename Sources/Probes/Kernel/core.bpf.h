// The kernel types that the programs read, with just the fields that they use.  CO-RE finds the real
// offsets when the object is loaded, so one object serves every kernel that has these fields.
#ifndef STALL_CORE_H
#define STALL_CORE_H

typedef unsigned char __u8;
typedef short __s16;
typedef unsigned short __u16;
typedef int __s32;
typedef unsigned int __u32;
typedef long long __s64;
typedef unsigned long long __u64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u16 __sum16;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

enum bpf_map_type {
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_ARRAY = 2,
    BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
    BPF_MAP_TYPE_PERCPU_ARRAY = 6,
    BPF_MAP_TYPE_LRU_HASH = 9,
    BPF_MAP_TYPE_RINGBUF = 27,
    BPF_MAP_TYPE_TASK_STORAGE = 29,
};
struct file;
// include/uapi/linux/bpf.h: what a helper fills in, so its layout is fixed.
struct bpf_perf_event_value {
    __u64 counter;
    __u64 enabled;
    __u64 running;
};
enum { BPF_F_USER_STACK = 1 << 8 };
enum { BPF_ANY = 0, BPF_NOEXIST = 1, BPF_F_NO_PREALLOC = 1 };
enum { BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2, BPF_RB_AVAIL_DATA = 0, BPF_RB_RING_SIZE = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head;
struct rq {
    __u64 clock;
    __u64 clock_task;
};
struct task_group;
struct cfs_rq {
    struct rq *rq;
    int throttle_count;  // with CONFIG_CFS_BANDWIDTH
    // From 6.5 on: since when it is throttled, and all the time for which it was before.
    __u64 throttled_clock_self;
    __u64 throttled_clock_self_time;
};
struct cfs_bandwidth {
    __u64 quota;
};
struct task_group {
    struct task_group *parent;
    struct cfs_bandwidth cfs_bandwidth;  // with CONFIG_CFS_BANDWIDTH
};
struct sched_entity {
    __u64 exec_start;
    __u64 sum_exec_runtime;
    __u64 nr_migrations;
    struct cfs_rq *cfs_rq;
};
struct sched_info {
    unsigned long long last_arrival;  // when it was given a CPU, by that CPU's clock
    unsigned long long run_delay;
    unsigned long long last_queued;
};
struct pid_namespace;
struct ns_common {
    unsigned int inum;
};
struct pid_namespace {
    struct ns_common ns;
};
struct upid {
    int nr;
    struct pid_namespace *ns;
};
struct pid {
    unsigned int level;
    struct upid numbers[1];
};
struct net {
    struct ns_common ns;
};
struct nsproxy {
    struct net *net_ns;
};
typedef struct {
    __u32 val;
} kuid_t;
struct cred {
    kuid_t uid;
};
struct kernfs_node {
    __u64 id;
};
struct cgroup_root {
    int hierarchy_id;
};
struct cgroup {
    struct kernfs_node *kn;
    struct cgroup_root *root;
};
struct css_set {
    struct cgroup *dfl_cgrp;
};
struct mm_struct {
    unsigned long arg_start;
    unsigned long arg_end;
};
struct fdtable {
    unsigned int max_fds;
    struct file **fd;
};
struct files_struct {
    struct fdtable *fdt;
};
struct thread_info {
    __u32 status;
    __u32 cpu;
};
struct task_io_accounting {
    __u64 syscr;  // with CONFIG_TASK_XACCT
};
struct signal_struct {
    struct stall_live {
        int counter;
    } live;  // threads of the process that have not begun to exit
};
struct task_struct {
    struct thread_info thread_info;
    unsigned int __state;
    unsigned int flags;
    int on_cpu;
    int exit_state;
    int exit_code;
    int pid;
    int tgid;
    unsigned in_iowait : 1;
    unsigned in_memstall : 1;  // with CONFIG_PSI
    struct task_struct *real_parent;
    struct task_struct *group_leader;
    struct signal_struct *signal;
    struct sched_entity se;
    struct sched_info sched_info;
    struct task_group *sched_task_group;
    struct mm_struct *mm;
    __u64 self_exec_id;
    unsigned long nvcsw;
    unsigned long nivcsw;
    unsigned long min_flt;
    unsigned long maj_flt;
    __u64 start_boottime;
    struct task_io_accounting ioac;
    char comm[16];
    struct pid *thread_pid;
    struct nsproxy *nsproxy;
    struct cred *cred;
    struct css_set *cgroups;
    struct files_struct *files;
    void *worker_private;  // of a worker of io_uring, its struct io_worker
    struct io_uring_task *io_uring;  // once it has used a ring
};
struct linux_binprm {
    const char *filename;
};
struct bpf_iter_meta {
    struct seq_file *seq;
};
struct bpf_iter__task {
    struct bpf_iter_meta *meta;
    struct task_struct *task;
};
struct pt_regs {
    unsigned long r10;
    unsigned long r9;
    unsigned long r8;
    unsigned long ax;
    unsigned long dx;
    unsigned long si;
    unsigned long di;
    unsigned long orig_ax;
};

#pragma clang attribute pop

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

// include/linux/sched.h.  These values have not changed since 4.14.
#define TASK_INTERRUPTIBLE 0x0001
#define TASK_UNINTERRUPTIBLE 0x0002
#define TASK_STOPPED_BITS 0x000c  // __TASK_STOPPED | __TASK_TRACED
#define TASK_DEAD 0x0080
#define TASK_FROZEN 0x8000  // from 6.1 on
#define TASK_NOLOAD 0x0400
#define PF_EXITING 0x0004
#define PF_IO_WORKER 0x0010  // a thread that the kernel made in a process for its rings
#define PF_KTHREAD 0x00200000

#define barrier() asm volatile("" ::: "memory")

#include "control.h"
#include "records.h"
#include "sums.h"

const volatile struct stall_config config SEC(".rodata.config") = {};
#endif
