// The central table of what threads wait for.  A resource has an id from when it is first met; its details
// leave as an event then, and everything else refers to the id.
#ifndef STALL_RESOURCES_H
#define STALL_RESOURCES_H

#include "arch.bpf.h"
#include "files.bpf.h"
#include "state.bpf.h"

struct resource {
    __u32 id;
    __u32 tick;  // when it was last looked up, so that the collector can forget old ones
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 65536);
    __type(key, struct stall_resource_key);
    __type(value, struct resource);
} resources SEC(".maps");

__u32 last_resource_id SEC(".data.ids") = 0;

// A target has a ring: the programs that tell of requests, which run for everybody's, are attached from now on.
static __always_inline void ask_for_rings(void)
{
    if (!control.rings_attached && !__sync_lock_test_and_set(&control.rings_missing, 1)) {
        __u32 call[2] = { STALL_EVENT_CALL };
        bpf_ringbuf_output(&events, call, sizeof(call), BPF_RB_FORCE_WAKEUP);
    }
}

// What the details are read from.
struct subject {
    struct stall_resource_key key;
    struct task_struct *task;
    struct thread *thread;
    struct file *file;  // or
    struct socket *socket;  // of that file, or
    struct inode *inode;
    const void *text;       // in user space
    __s32 fd;
};

static __always_inline __u64 dentry_name(struct dentry *dentry)
{
    return (__u64)BPF_CORE_READ(dentry, d_name.name);
}

struct walk {
    struct stall_resource *record;
    struct dentry *dentry;
    __u32 offset;
    __u32 count;
};

// The last name must fit as a whole.
enum { LONGEST_NAME = 64, LAST_OFFSET = STALL_NAME_LEN - LONGEST_NAME };

static long add_name(__u32 depth, struct walk *walk)
{
    struct dentry *dentry = walk->dentry;
    struct dentry *parent = BPF_CORE_READ(dentry, d_parent);
    __u32 offset = walk->offset;
    if (!parent || offset > LAST_OFFSET)
        return 1;
    long length = bpf_probe_read_kernel_str(walk->record->name + offset, LONGEST_NAME, (void *)dentry_name(dentry));
    if (length <= 0)
        return 1;
    walk->offset = offset + length;
    walk->count++;
    walk->dentry = parent;
    return parent == dentry;
}

// The names from the file up to its file system's root.
static __always_inline void fill_path(struct stall_resource *record, struct dentry *dentry)
{
    struct walk walk = { .record = record, .dentry = dentry };
    bpf_loop(24, add_name, &walk, 0);
    record->name_length = walk.offset;
    record->name_count = walk.count;
}

static __always_inline void fill_address(struct stall_resource *record, struct unix_address *address)
{
    int length = BPF_CORE_READ(address, len) - 2;  // without sun_family
    if (length <= 0)
        return;
    if (length > 108)
        length = 108;
    void *from = (void *)__builtin_preserve_access_index(&address->name) + 2;
    asm volatile("%0 &= 127" : "+r"(length));
    if (!bpf_probe_read_kernel(record->name, length, from))
        record->name_length = length;
}

static __always_inline __u64 socket_inode(struct socket *socket)
{
    struct socket_alloc *alloc = (void *)socket - bpf_core_field_offset(struct socket_alloc, socket);
    return socket ? BPF_CORE_READ(alloc, vfs_inode.i_ino) : 0;
}

// A socket that is being connected has no peer yet: the address that it is to be connected to is the caller's.
static __always_inline void fill_destination(struct stall_resource *record, struct task_struct *task)
{
    struct task_struct *current = bpf_get_current_task_btf();
    struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(current);
    long number = syscall_number(regs);
    // Another process's memory cannot be read from here.
    if (task != current || number < 0 || number >= CALL_COUNT ||
        call_classes[number] != CALL_CONNECT)
        return;
    long length = (long)syscall_argument(regs, 2) - 2;  // without sun_family
    if (length <= 0)
        return;
    if (length > 108)
        length = 108;
    asm volatile("%0 &= 127" : "+r"(length));
    if (!bpf_probe_read_user(record->name, length, (void *)syscall_argument(regs, 1) + 2))
        record->name_length = length;
}

static __noinline int fill_unix(struct stall_resource *record, struct sock *sock, struct task_struct *task)
{
    if (!record)
        return 0;
    struct unix_sock *unix = (struct unix_sock *)sock;
    struct sock *peer = BPF_CORE_READ(unix, peer);
    struct unix_address *address = BPF_CORE_READ(unix, addr);
    if (peer) {
        record->peer_inode = socket_inode(BPF_CORE_READ(peer, sk_socket));
        // A connection has its listener's address at the end that was accepted, and seldom one at the other.
        struct unix_address *other = BPF_CORE_READ((struct unix_sock *)peer, addr);
        if (address && !other)
            record->origin = STALL_ORIGIN_ACCEPTED;
        else if (!address && other)
            record->origin = STALL_ORIGIN_CONNECTED;
        if (!address)
            address = other;
    }
    record->peer_pid = BPF_CORE_READ(sock, sk_peer_pid, numbers[0].nr);
    if (address)
        fill_address(record, address);
    else if (!peer)
        fill_destination(record, task);
    return 0;
}

// Who asked for a TCP connection.  The kernel lets a connection that is accepted send multicasts by the interface
// that it came in by, which for one that is asked for is left open (tcp_v4_syn_recv_sock, tcp_v6_syn_recv_sock).
static __always_inline enum stall_origin origin_of(struct sock *sock, __u16 family)
{
    struct inet_sock *inet = (struct inet_sock *)sock;
    int device = 0;
    if (family == AF_INET) {
        if (!bpf_core_field_exists(inet->mc_index))
            return STALL_ORIGIN_UNKNOWN;
        device = BPF_CORE_READ(inet, mc_index);
    } else {
        if (!bpf_core_field_exists(inet->pinet6))
            return STALL_ORIGIN_UNKNOWN;
        device = BPF_CORE_READ(inet, pinet6, mcast_oif);
    }
    return device ? STALL_ORIGIN_ACCEPTED : STALL_ORIGIN_CONNECTED;
}

static __noinline int fill_inet(struct stall_resource *record, struct sock *sock)
{
    if (!record)
        return 0;
    record->local_port = BPF_CORE_READ(sock, __sk_common.skc_num);
    record->remote_port = __builtin_bswap16(BPF_CORE_READ(sock, __sk_common.skc_dport));
    record->net_namespace = BPF_CORE_READ(sock, __sk_common.skc_net.net, ns.inum);
    if (record->family == AF_INET) {
        BPF_CORE_READ_INTO((__u32 *)record->local_address, sock, __sk_common.skc_rcv_saddr);
        BPF_CORE_READ_INTO((__u32 *)record->remote_address, sock, __sk_common.skc_daddr);
    } else {
        BPF_CORE_READ_INTO((struct in6_addr *)record->local_address, sock, __sk_common.skc_v6_rcv_saddr);
        BPF_CORE_READ_INTO((struct in6_addr *)record->remote_address, sock, __sk_common.skc_v6_daddr);
    }
    if (record->protocol == IPPROTO_TCP && record->socket_state != TCP_LISTEN)
        record->origin = origin_of(sock, record->family);
    return 0;
}

static __always_inline void fill_socket(struct stall_resource *record, struct socket *socket, struct task_struct *task)
{
    struct sock *sock = BPF_CORE_READ(socket, sk);
    record->inode = record->key.a;
    record->family = BPF_CORE_READ(sock, __sk_common.skc_family);
    record->socket_type = BPF_CORE_READ(sock, sk_type);
    record->protocol = BPF_CORE_READ(sock, sk_protocol);
    record->socket_state = BPF_CORE_READ(sock, __sk_common.skc_state);
    if (record->key.kind == STALL_RESOURCE_UNIX)
        fill_unix(record, sock, task);
    else if (record->key.kind == STALL_RESOURCE_INET)
        fill_inet(record, sock);
}

// Returns the file's own name.
static __always_inline struct dentry *fill_file(struct stall_resource *record, struct file *file)
{
    struct inode *inode = BPF_CORE_READ(file, f_inode);
    record->inode = BPF_CORE_READ(inode, i_ino);
    record->mode = BPF_CORE_READ(inode, i_mode);
    record->device = BPF_CORE_READ(inode, i_sb, s_dev);
    record->unlinked = !BPF_CORE_READ(inode, i_nlink);
    if (record->key.kind == STALL_RESOURCE_DEVICE_FILE)
        record->device = BPF_CORE_READ(inode, i_rdev);
    return BPF_CORE_READ(file, f_path.dentry);
}

// Returns one of the names of a file that is known by its inode alone.
static __always_inline struct dentry *fill_inode(struct stall_resource *record, struct inode *inode)
{
    record->inode = record->key.a;
    record->device = record->key.c;
    record->mode = BPF_CORE_READ(inode, i_mode);
    record->unlinked = !BPF_CORE_READ(inode, i_nlink);
    struct hlist_node *alias = BPF_CORE_READ(inode, i_dentry.first);
    return alias ? (void *)alias - bpf_core_field_offset(struct dentry, d_u.d_alias) : NULL;
}

// Global, so that the verifier looks at it once, not for each kind of wait that leads to it; the subject's pointers are
// plain numbers to it then, which is all that the safe reads here need.
__noinline int tell_resource(struct subject *subject, __u32 id)
{
    if (!subject)
        return 0;
    struct task_struct *task = subject->task;
    struct stall_resource *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
    if (!record) {
        lost(STALL_LOSS_EVENT);
        return 0;
    }
    __builtin_memset(record, 0, sizeof(*record));
    record->type = STALL_EVENT_RESOURCE;
    record->id = id;
    record->key = subject->key;
    record->at = bpf_ktime_get_boot_ns();
    record->pid = BPF_CORE_READ(task, tgid);
    record->tid = BPF_CORE_READ(task, pid);
    record->fd = subject->fd;
    struct dentry *dentry = NULL;
    if (subject->socket)
        fill_socket(record, subject->socket, task);
    else if (subject->file)
        dentry = fill_file(record, subject->file);
    else if (subject->inode)
        dentry = fill_inode(record, subject->inode);
    else if (subject->text) {
        long length = bpf_probe_read_user_str(record->name, 256, subject->text);
        record->name_length = length > 0 ? length - 1 : 0;
    } else if (subject->key.kind == STALL_RESOURCE_SET) {
        struct set_member member;
        record->member_count = read_int(&subject->thread->member_count);
        for (int i = 0; i < STALL_SET_MEMBERS; i++) {
            if (!bpf_probe_read_kernel(&member, sizeof(member), &subject->thread->members[i]))
                record->members[i] = member.resource;
        }
    }
    if (dentry)
        fill_path(record, dentry);
    bpf_ringbuf_submit(record, event_flags());
    return 0;
}

// The id of a resource, which is given one and told of if it is new; 0 if there is no room for it.
static __noinline __u32 resource_id(struct subject *subject)
{
    if (!subject)
        return 0;
    struct resource *known = bpf_map_lookup_elem(&resources, &subject->key);
    if (!known) {
        struct resource fresh = { .id = __sync_fetch_and_add(&last_resource_id, 1) + 1, .tick = control.tick };
        if (!bpf_map_update_elem(&resources, &subject->key, &fresh, BPF_NOEXIST)) {
            tell_resource(subject, fresh.id);
            return fresh.id;
        }
        // Another CPU may have met it at the same moment.
        known = bpf_map_lookup_elem(&resources, &subject->key);
        if (!known) {
            lost(STALL_LOSS_RESOURCE);
            return 0;
        }
    }
    if (known->tick != (__u32)control.tick)
        known->tick = control.tick;
    return known->id;
}
#endif
