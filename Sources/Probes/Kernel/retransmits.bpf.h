// Packets that the targets' connections had to send again.
#ifndef STALL_RETRANSMITS_H
#define STALL_RETRANSMITS_H

#include "banks.bpf.h"
#include "resources.bpf.h"

BANKED_SUMS(connections, __u32, struct stall_connection_sums, 8192, STALL_LOSS_CONNECTION)  // by a resource's id

// A packet may hold several segments; the kernel counts those.
static __always_inline __u32 segments_of(struct sk_buff *packet)
{
    __u16 segments = 0;
    void *place = (void *)packet + bpf_core_field_offset(struct sk_buff, cb) +
                  bpf_core_field_offset(struct tcp_skb_cb, tcp_gso_segs);
    bpf_probe_read_kernel(&segments, sizeof(segments), place);
    return segments ? segments : 1;
}

// Runs only where packets get lost, which costs far more than this.  Whose it is, the table of resources knows: what no
// target has waited for is passed over.
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(on_retransmit, struct sock *sock, struct sk_buff *packet)
{
    struct stall_resource_key key = { .kind = STALL_RESOURCE_INET };
    key.a = socket_inode(BPF_CORE_READ(sock, sk_socket));
    struct resource *known = key.a ? bpf_map_lookup_elem(&resources, &key) : NULL;
    struct stall_connection_sums *sums = known ? connections_sums(&known->id, present_bank()) : NULL;
    if (!sums)
        return 0;
    struct tcp_sock *tcp = (struct tcp_sock *)sock;
    // The connection's own sum has these segments already, and those that no program was told of.
    __u64 ever = BPF_CORE_READ(tcp, total_retrans), segments = segments_of(packet);
    if (!sums->retransmits_ever)
        sums->retransmits_before = ever > segments ? ever - segments : 0;
    sums->retransmits_ever = ever;
    sums->lost_ever = BPF_CORE_READ(tcp, lost);
    if (bpf_core_field_exists(sock->sk_drops.counter))
        sums->drops_ever = (__u32)BPF_CORE_READ(sock, sk_drops.counter);
    // The kernel keeps eight times the smoothed value.
    sums->round_trip_us = BPF_CORE_READ(tcp, srtt_us) >> 3;
    sums->window = BPF_CORE_READ(tcp, snd_cwnd);
    return 0;
}
#endif
