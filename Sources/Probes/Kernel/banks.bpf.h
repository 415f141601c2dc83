// Sums of a tick that the collector takes when it is over: a map for each parity of ticks.  While one is drained, the
// other is added to.
#ifndef STALL_BANKS_H
#define STALL_BANKS_H

#include "state.bpf.h"

// Makes the maps NAME_even and NAME_odd of `entries` elements, and NAME_sums(key, odd): the sums under a key, made if
// there are none yet; NULL, which is told as `loss`, if the map is full.
#define BANKED_SUMS(name, key_type, sums_type, entries, loss)                                              \
    struct name##_bank {                                                                                   \
        __uint(type, BPF_MAP_TYPE_HASH);                                                                   \
        __uint(max_entries, entries);                                                                      \
        __type(key, key_type);                                                                             \
        __type(value, sums_type);                                                                          \
    };                                                                                                     \
    struct name##_bank name##_even SEC(".maps");                                                           \
    struct name##_bank name##_odd SEC(".maps");                                                            \
    const sums_type no_##name = {};                                                                        \
    static __noinline sums_type *name##_sums(key_type *key, bool odd)                                      \
    {                                                                                                      \
        if (!key)                                                                                          \
            return NULL;                                                                                   \
        sums_type *sums = odd ? bpf_map_lookup_elem(&name##_odd, key) : bpf_map_lookup_elem(&name##_even, key); \
        if (sums)                                                                                          \
            return sums;                                                                                   \
        /* Another CPU may be first; either way there is one then. */                                      \
        if (odd)                                                                                           \
            bpf_map_update_elem(&name##_odd, key, &no_##name, BPF_NOEXIST);                                \
        else                                                                                               \
            bpf_map_update_elem(&name##_even, key, &no_##name, BPF_NOEXIST);                               \
        sums = odd ? bpf_map_lookup_elem(&name##_odd, key) : bpf_map_lookup_elem(&name##_even, key);       \
        if (!sums)                                                                                         \
            lost(loss);                                                                                    \
        return sums;                                                                                       \
    }

// Which of the two the present tick adds to.
static __always_inline bool present_bank(void)
{
    return control.tick & 1;
}
#endif
