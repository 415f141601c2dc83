// The kernel types behind descriptors: files, sockets, mappings.  See core.bpf.h.
#ifndef STALL_FILES_H
#define STALL_FILES_H

#include "core.bpf.h"

typedef unsigned short umode_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct super_block {
    __u32 s_dev;
    struct block_device *s_bdev;
};
struct hlist_node {
    struct hlist_node *next;
};
struct hlist_head {
    struct hlist_node *first;
};
struct inode {
    struct hlist_head i_dentry;
    umode_t i_mode;
    struct super_block *i_sb;
    unsigned long i_ino;
    __s64 i_size;
    unsigned int i_nlink;
    __u32 i_rdev;
    __u32 i_generation;
};
struct address_space {
    struct inode *host;
};
struct qstr {
    const unsigned char *name;
};
struct dentry {
    struct dentry *d_parent;
    struct qstr d_name;
    union {
        struct hlist_node d_alias;
    } d_u;
};
struct vfsmount;
struct path {
    struct dentry *dentry;
};
struct file {
    struct inode *f_inode;
    const void *f_op;
    void *private_data;
    struct path f_path;
};
struct pipe_inode_info {
    unsigned int head;
    unsigned int tail;
    unsigned int max_usage;
};

struct in6_addr {
    __u8 bytes[16];
};
struct possible_net {
    struct net *net;
};
typedef struct possible_net possible_net_t;
struct sock_common {
    __be32 skc_daddr;
    __be32 skc_rcv_saddr;
    __be16 skc_dport;
    __u16 skc_num;
    unsigned short skc_family;
    volatile unsigned char skc_state;
    possible_net_t skc_net;
    struct in6_addr skc_v6_daddr;
    struct in6_addr skc_v6_rcv_saddr;
};
struct sock {
    struct sock_common __sk_common;
    struct socket *sk_socket;
    struct pid *sk_peer_pid;
    __u16 sk_type;
    __u16 sk_protocol;
    struct stall_atomic {
        int counter;
    } sk_drops;
};
struct tcp_sock {
    __u32 total_retrans;
    __u32 lost;
    __u32 srtt_us;
    __u32 snd_cwnd;
};
struct sk_buff {
    char cb[48];
};
struct tcp_skb_cb {
    __u16 tcp_gso_segs;
};
struct socket {
    struct sock *sk;
};
struct ipv6_pinfo {
    int mcast_oif;
};
struct inet_sock {
    struct ipv6_pinfo *pinet6;  // with CONFIG_IPV6
    int mc_index;
};
struct socket_alloc {
    struct socket socket;
    struct inode vfs_inode;
};
struct sockaddr_un {
    unsigned short sun_family;
    char sun_path[108];
};
struct unix_address {
    int len;
    struct sockaddr_un name[0];
};
struct unix_sock {
    struct unix_address *addr;
    struct sock *peer;
};

struct list_head {
    struct list_head *next, *prev;
};
struct epoll_filefd {
    struct file *file;
};
struct epitem {
    struct list_head rdllink;
    struct epoll_filefd ffd;
};
struct eventpoll {
    struct list_head rdllist;
};

struct vm_area_struct {
    unsigned long vm_start;
    unsigned long vm_flags;
    unsigned long vm_pgoff;
    struct file *vm_file;
};

struct block_device {
    struct gendisk *bd_disk;
    __u32 bd_dev;
};
struct gendisk {
    struct block_device *part0;  // the whole disk
};
struct request_queue {
    struct gendisk *disk;
};
struct cgroup_subsys_state {
    struct cgroup *cgroup;
};
struct blkcg {
    struct cgroup_subsys_state css;
};
struct blkcg_gq {
    struct blkcg *blkcg;
};
struct bvec_iter {
    unsigned int bi_size;
};
struct page;
enum pageflags { PG_locked, PG_head, PG_swapbacked, PG_swapcache };  // CO-RE finds their numbers
struct bio_vec {
    struct page *bv_page;
};
struct bio {
    struct block_device *bi_bdev;
    __u32 bi_opf;
    struct bvec_iter bi_iter;
    struct bio_vec *bi_io_vec;
    struct blkcg_gq *bi_blkg;  // with CONFIG_BLK_CGROUP
};
struct request {
    struct blk_mq_hw_ctx *mq_hctx;
    struct request_queue *q;
    __u32 cmd_flags;
    unsigned int __data_len;
    struct bio *bio;
};

struct page {
    unsigned long compound_head;
};
struct folio {
    struct address_space *mapping;
    unsigned long index;
    unsigned int _nr_pages;        // of those with several pages, from 6.15 on,
    unsigned int _folio_nr_pages;  // and before
};

struct io_uring {
    __u32 head;
};
struct io_rings {
    struct io_uring cq;
};
struct io_rsrc_node {
    unsigned long file_ptr;
};
struct io_fixed_file {
    unsigned long file_ptr;
};
struct io_rsrc_data {
    unsigned int nr;
    struct io_rsrc_node **nodes;
};
struct io_file_table {
    struct io_rsrc_data data;     // from 6.13 on,
    struct io_fixed_file *files;  // and before
};
struct io_ring_ctx {
    struct io_rings *rings;
    unsigned int nr_user_files;  // before 6.13
    struct io_file_table file_table;
    unsigned int cached_cq_tail;
};
struct io_cqe {
    __s32 res;
    int fd;
};
struct io_wq_work {
    unsigned int flags;
};
struct io_kiocb {
    struct file *file;
    __u8 opcode;
    __u64 flags;  // 32 bits before 6.9: only those are read
    struct io_cqe cqe;
    struct io_ring_ctx *ctx;
    struct io_wq_work work;
};
struct io_worker {
    struct io_wq_work *cur_work;
};

struct timespec64 {
    __s64 tv_sec;
};
struct hrtimer;
struct timer_list;
struct hrtimer_sleeper {
    struct task_struct *task;
};
struct process_timer {
    struct task_struct *task;
};

#pragma clang attribute pop

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define TCP_SYN_SENT 2
#define TCP_LISTEN 10
#define IPPROTO_TCP 6
#define VM_SHARED 0x08
#define PAGE_SHIFT 12

// Kernel memory behind a pointer that the verifier takes for a number: a helper call of some 13 ns for each read, or,
// from 6.2 on, a load.
extern void *bpf_rdonly_cast(const void *pointer, __u32 type) __ksym __weak;
#define AS(type, pointer) ((struct type *)bpf_rdonly_cast(pointer, bpf_core_type_id_kernel(struct type)))

// 64 bits as a number, also of a pointer, which can so be compared and kept; any structure that begins with 64 bits
// does.
static __always_inline __u64 read_word(void *place)
{
    if (config.has_cast)
        return AS(timespec64, place)->tv_sec;
    __u64 value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), place);
    return value;
}

// A pointer that is a field.
#define POINTER(type, pointer, field) \
    ((void *)read_word((void *)(pointer) + bpf_core_field_offset(struct type, field)))

static __always_inline __u64 inode_number(struct file *file)
{
    if (config.has_cast)
        return AS(file, file)->f_inode->i_ino;
    return BPF_CORE_READ(file, f_inode, i_ino);
}

static __always_inline __u16 inode_mode(struct file *file)
{
    if (config.has_cast)
        return AS(file, file)->f_inode->i_mode;
    return BPF_CORE_READ(file, f_inode, i_mode);
}

// An int in the kernel; any structure that begins with one does.
static __always_inline int read_int(void *place)
{
    if (config.has_cast)
        return AS(upid, place)->nr;
    int value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), place);
    return value;
}
#endif
