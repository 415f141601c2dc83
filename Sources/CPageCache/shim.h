// cachestat(2), for which the C library has no function yet.  Only ProcFS imports this module.
#pragma once
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// The same number on every architecture (scripts/syscall.tbl of the kernel).
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

// include/uapi/linux/mman.h
struct page_cache_range {
    uint64_t offset;
    uint64_t length;  // 0: to the end
};

// Pages.
struct page_cache_state {
    uint64_t cached;
    uint64_t dirty;
    uint64_t under_write_back;
    uint64_t evicted;
    uint64_t recently_evicted;
};

// 0, or the error's number.
static inline int page_cache_state_of(int descriptor, struct page_cache_state *state) {
    struct page_cache_range whole = {0, 0};
    return syscall(SYS_cachestat, descriptor, &whole, state, 0) == 0 ? 0 : errno;
}
