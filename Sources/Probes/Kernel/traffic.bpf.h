// How many bytes a system call has read or written, and through which socket or pipe.
#ifndef STALL_TRAFFIC_H
#define STALL_TRAFFIC_H

#include "banks.bpf.h"
#include "objects.bpf.h"

BANKED_SUMS(traffic, struct stall_traffic_key, struct stall_traffic_sums, 1, STALL_LOSS_TRAFFIC)

static __noinline int note_traffic(struct task_struct *task, struct thread *thread, __u32 fd, __u8 direction,
                                   __u64 bytes)
{
    struct file *file = thread ? file_of(task, fd) : NULL;
    if (!file)
        return 0;
    struct known_file *known = look_up_file(task, thread, file);
    if (known->kind != STALL_RESOURCE_PIPE && known->kind != STALL_RESOURCE_UNIX &&
        known->kind != STALL_RESOURCE_INET && known->kind != STALL_RESOURCE_SOCKET)
        return 0;
    struct stall_traffic_key key = { .thread = thread->id, .resource = known->resource, .direction = direction };
    struct stall_traffic_sums *sums = traffic_sums(&key, present_bank());
    if (!sums)
        return 0;
    // Nobody else counts for this thread.
    sums->calls++;
    sums->bytes += bytes;
    return 0;
}

// struct mmsghdr: a struct user_msghdr of 56 bytes, and how long the message was.
#define MESSAGE_SIZE 64
#define MESSAGE_LENGTH 56
#define MOST_MESSAGES 1024  // UIO_MAXIOV

struct messages {
    __u64 place;
    __u64 bytes;
    __u32 count;
};

static long add_message(__u32 index, struct messages *messages)
{
    if (index >= messages->count)
        return 1;
    __u32 length = 0;
    bpf_probe_read_user(&length, sizeof(length), (void *)(messages->place + index * MESSAGE_SIZE + MESSAGE_LENGTH));
    messages->bytes += length;
    return 0;
}

// recvmmsg and sendmmsg return a number of messages.
static __noinline __u64 message_bytes(__u64 place, __u32 count)
{
    struct messages messages = { .place = place, .count = count };
    bpf_loop(MOST_MESSAGES, add_message, &messages, 0);
    return messages.bytes;
}

// What is looked at and left there is read later.
#define MSG_PEEK 2
static __always_inline bool only_peeks(struct pt_regs *regs, long number)
{
    return (number == CALL_NUMBER_RECVFROM && syscall_argument(regs, 3) & MSG_PEEK) ||
           (number == CALL_NUMBER_RECVMSG && syscall_argument(regs, 2) & MSG_PEEK) ||
           (number == CALL_NUMBER_RECVMMSG && syscall_argument(regs, 3) & MSG_PEEK);
}

// The bytes that a call of this number has moved.  It is noted for each socket and pipe among its descriptors.
static __noinline __u64 bytes_moved(struct task_struct *task, struct thread *thread, struct pt_regs *regs, long number,
                                    long result)
{
    if (!thread || result <= 0 || number < 0 || number >= CALL_COUNT)
        return 0;
    __u8 class = call_classes[number];
    if (class != CALL_READ && class != CALL_WRITE && class != CALL_SPLICE && class != CALL_SENDFILE)
        return 0;
    __u64 bytes = result;
    if (number == CALL_NUMBER_RECVMMSG || number == CALL_NUMBER_SENDMMSG)
        bytes = message_bytes(syscall_argument(regs, 1), result);
    __u64 first = syscall_argument(regs, 0);
    if (number == CALL_NUMBER_TEE) {
        // What it has read from the first pipe is still there.
        note_traffic(task, thread, syscall_argument(regs, 1), STALL_DIRECTION_WRITE, bytes);
    } else if (class == CALL_READ) {
        if (!only_peeks(regs, number))
            note_traffic(task, thread, first, STALL_DIRECTION_READ, bytes);
    } else if (class == CALL_WRITE) {
        note_traffic(task, thread, first, STALL_DIRECTION_WRITE, bytes);
    } else {
        bool splices = class == CALL_SPLICE;
        note_traffic(task, thread, splices ? first : syscall_argument(regs, 1), STALL_DIRECTION_READ, bytes);
        note_traffic(task, thread, splices ? syscall_argument(regs, 2) : first, STALL_DIRECTION_WRITE, bytes);
    }
    return bytes;
}
#endif
