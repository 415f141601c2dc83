// What the operations of io_uring are about (include/uapi/linux/io_uring.h).
#ifndef STALL_OPERATIONS_H
#define STALL_OPERATIONS_H

#include "arch.bpf.h"

#define OPERATION_POLL_ADD 6
#define OPERATION_TIMEOUT 11
#define OPERATION_LINK_TIMEOUT 15

// Whether an operation works on an open file, which its request names.
static __always_inline bool has_file(__u8 operation)
{
    // READV to POLL_ADD, SYNC_FILE_RANGE to RECVMSG, ACCEPT, CONNECT, FALLOCATE, READ to FADVISE, SEND, RECV, SPLICE, TEE,
    // SHUTDOWN, MSG_RING, FSETXATTR, FGETXATTR, URING_CMD to READ_MULTISHOT, FIXED_FD_INSTALL to EPOLL_WAIT, and the
    // vectors of READV_FIXED and WRITEV_FIXED.
    const __u64 operations = 0x3fc3cb064dc3277eull;
    return operation < 64 && operations >> operation & 1;
}

// As which kind of system call it waits.
static __always_inline __u8 ring_operation_class(__u8 operation)
{
    switch (operation) {
    case 1:   // READV
    case 4:   // READ_FIXED
    case 10:  // RECVMSG
    case 22:  // READ
    case 27:  // RECV
    case 49:  // READ_MULTISHOT
    case 58:  // RECV_ZC
    case 60:  // READV_FIXED
        return CALL_READ;
    case 2:   // WRITEV
    case 5:   // WRITE_FIXED
    case 9:   // SENDMSG
    case 23:  // WRITE
    case 26:  // SEND
    case 30:  // SPLICE
    case 33:  // TEE
    case 47:  // SEND_ZC
    case 48:  // SENDMSG_ZC
    case 61:  // WRITEV_FIXED
        return CALL_WRITE;
    case 3:  // FSYNC
    case 8:  // SYNC_FILE_RANGE
        return CALL_FSYNC;
    case 13:
        return CALL_ACCEPT;
    case 16:
        return CALL_CONNECT;
    default:
        return CALL_FILE;
    }
}
#endif
