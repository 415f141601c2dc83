// Sums of requests that a thread need not wait for: of io_uring and of aio.
#ifndef STALL_ASYNC_H
#define STALL_ASYNC_H

#include "banks.bpf.h"

BANKED_SUMS(async, struct stall_async_key, struct stall_async_sums, 8192, STALL_LOSS_ASYNC)

// A request whose end, or whose beginning, was not seen.
static __noinline int count_untold(struct stall_async_key *request)
{
    if (!request)
        return 0;
    struct stall_async_key key = *request;
    struct stall_async_sums *sums = async_sums(&key, present_bank());
    if (sums)
        __sync_fetch_and_add(&sums->untold, 1);
    return 0;
}

static __always_inline void count_completion(struct stall_async_request *request, __u64 now, bool failed,
                                             __u64 unreaped)
{
    struct stall_async_key key = request->key;
    struct stall_async_sums *sums = async_sums(&key, present_bank());
    if (!sums)
        return;
    __u64 took = now - request->submitted;
    __sync_fetch_and_add(&sums->requests, 1);
    __sync_fetch_and_add(&sums->completions, 1);
    __sync_fetch_and_add(&sums->total, took);
    __sync_fetch_and_add(&sums->hist[histogram_slot(took)], 1);
    if (failed)
        __sync_fetch_and_add(&sums->errors, 1);
    // Two CPUs that are here at once for the same sums may leave the smaller one: these are maxima of this tick.
    if (took > sums->max)
        sums->max = took;
    if (unreaped > sums->unreaped)
        sums->unreaped = unreaped;
}
#endif
