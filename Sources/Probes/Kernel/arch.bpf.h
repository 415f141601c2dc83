// What differs between processor architectures: where a system call's number and arguments are, and which
// number is which call.  Only x86-64 so far.
#ifndef STALL_ARCH_H
#define STALL_ARCH_H

#include "core.bpf.h"

static __always_inline long syscall_number(struct pt_regs *regs)
{
    return regs->orig_ax;
}

static __always_inline __u64 syscall_argument(struct pt_regs *regs, int index)
{
    switch (index) {
    case 0:
        return regs->di;
    case 1:
        return regs->si;
    case 2:
        return regs->dx;
    case 3:
        return regs->r10;
    case 4:
        return regs->r8;
    default:
        return regs->r9;
    }
}

// What a call that sleeps waits for, as far as its number tells.
enum call_class {
    CALL_OTHER = 0,
    CALL_READ,   // of the descriptor in argument 0
    CALL_WRITE,  // to it
    CALL_FILE,   // an operation on it that moves no data
    CALL_ACCEPT,
    CALL_CONNECT,
    CALL_FSYNC,
    CALL_FUTEX,
    CALL_EPOLL,
    CALL_POLL,
    CALL_SLEEP,
    CALL_CHILD,
    CALL_SIGNAL,
    CALL_IO_URING,
    CALL_AIO,
    CALL_VFORK,
    CALL_PATH,     // works on the name in argument 0: open, stat, unlink
    CALL_PATH_AT,  // in argument 1
    CALL_SPLICE,   // from the descriptor in argument 0 to that in argument 2
    CALL_SENDFILE, // from the descriptor in argument 1 to that in argument 0
    CALL_SYNC,     // the same as fsync, but of no descriptor
    CALL_CLOSE,    // which ends what others wait for: the descriptor in argument 0
};

// arch/x86/include/asm/thread_info.h: the task is in a call of the 32-bit kind, whose numbers are others.
#define TS_COMPAT 2

#define CALL_COUNT STALL_CALL_COUNT
#define CALL_NUMBER_POLL 7
#define CALL_NUMBER_PPOLL 271
#define CALL_NUMBER_CLOCK_NANOSLEEP 230
#define CALL_NUMBER_WAITID 247
#define CALL_NUMBER_FUTEX 202
#define CALL_NUMBER_IO_GETEVENTS STALL_CALL_IO_GETEVENTS
#define CALL_NUMBER_IO_SUBMIT STALL_CALL_IO_SUBMIT
#define CALL_NUMBER_IO_PGETEVENTS STALL_CALL_IO_PGETEVENTS
#define CALL_NUMBER_RESTART 219
#define CALL_NUMBER_RECVFROM 45
#define CALL_NUMBER_RECVMSG 47
#define CALL_NUMBER_EXIT 60
#define CALL_NUMBER_EXIT_GROUP 231
#define CALL_NUMBER_TEE 276
#define CALL_NUMBER_RECVMMSG 299
#define CALL_NUMBER_SENDMMSG 307
#define CALL_NUMBER_IO_URING_ENTER 426
#define CALL_NUMBER_FUTEX_WAITV 449
#define CALL_NUMBER_FUTEX_WAKE 454
#define CALL_NUMBER_FUTEX_WAIT 455
#define CALL_NUMBER_FUTEX_REQUEUE 456

// arch/x86/entry/syscalls/syscall_64.tbl
static const __u8 call_classes[CALL_COUNT] = {
    [0] = CALL_READ,        // read
    [17] = CALL_READ,       // pread64
    [19] = CALL_READ,       // readv
    [295] = CALL_READ,      // preadv
    [327] = CALL_READ,      // preadv2
    [45] = CALL_READ,       // recvfrom
    [47] = CALL_READ,       // recvmsg
    [299] = CALL_READ,      // recvmmsg
    [78] = CALL_READ,       // getdents
    [217] = CALL_READ,      // getdents64
    [187] = CALL_READ,      // readahead
    [275] = CALL_SPLICE,    // splice
    [276] = CALL_READ,      // tee
    [326] = CALL_READ,      // copy_file_range (its source)
    [1] = CALL_WRITE,       // write
    [18] = CALL_WRITE,      // pwrite64
    [20] = CALL_WRITE,      // writev
    [296] = CALL_WRITE,     // pwritev
    [328] = CALL_WRITE,     // pwritev2
    [40] = CALL_SENDFILE,   // sendfile
    [44] = CALL_WRITE,      // sendto
    [46] = CALL_WRITE,      // sendmsg
    [307] = CALL_WRITE,     // sendmmsg
    [278] = CALL_WRITE,     // vmsplice
    [3] = CALL_CLOSE,       // close
    [48] = CALL_CLOSE,      // shutdown
    [5] = CALL_FILE,        // fstat
    [16] = CALL_FILE,       // ioctl
    [72] = CALL_FILE,       // fcntl
    [73] = CALL_FILE,       // flock
    [77] = CALL_FILE,       // ftruncate
    [221] = CALL_FILE,      // fadvise64
    [285] = CALL_FILE,      // fallocate
    [43] = CALL_ACCEPT,     // accept
    [288] = CALL_ACCEPT,    // accept4
    [42] = CALL_CONNECT,    // connect
    [74] = CALL_FSYNC,      // fsync
    [75] = CALL_FSYNC,      // fdatasync
    [277] = CALL_FSYNC,     // sync_file_range
    [306] = CALL_FSYNC,     // syncfs
    [26] = CALL_SYNC,       // msync
    [162] = CALL_SYNC,      // sync
    [202] = CALL_FUTEX,     // futex
    [449] = CALL_FUTEX,     // futex_waitv
    [455] = CALL_FUTEX,     // futex_wait
    [232] = CALL_EPOLL,     // epoll_wait
    [281] = CALL_EPOLL,     // epoll_pwait
    [441] = CALL_EPOLL,     // epoll_pwait2
    [7] = CALL_POLL,        // poll
    [271] = CALL_POLL,      // ppoll
    [23] = CALL_POLL,       // select
    [270] = CALL_POLL,      // pselect6
    [35] = CALL_SLEEP,      // nanosleep
    [230] = CALL_SLEEP,     // clock_nanosleep
    [61] = CALL_CHILD,      // wait4
    [247] = CALL_CHILD,     // waitid
    [34] = CALL_SIGNAL,     // pause
    [128] = CALL_SIGNAL,    // rt_sigtimedwait
    [130] = CALL_SIGNAL,    // rt_sigsuspend
    [426] = CALL_IO_URING,  // io_uring_enter
    [208] = CALL_AIO,       // io_getevents
    [333] = CALL_AIO,       // io_pgetevents
    [58] = CALL_VFORK,      // vfork
    [56] = CALL_VFORK,      // clone: it sleeps only with CLONE_VFORK
    [435] = CALL_VFORK,     // clone3
    [2] = CALL_PATH,        // open
    [257] = CALL_PATH_AT,     // openat
    [437] = CALL_PATH_AT,     // openat2
    [59] = CALL_PATH,       // execve
    [322] = CALL_PATH_AT,     // execveat
    [4] = CALL_PATH,        // stat
    [6] = CALL_PATH,        // lstat
    [262] = CALL_PATH_AT,     // newfstatat
    [332] = CALL_PATH_AT,     // statx
    [21] = CALL_PATH,       // access
    [269] = CALL_PATH_AT,     // faccessat
    [82] = CALL_PATH,       // rename
    [264] = CALL_PATH_AT,     // renameat
    [316] = CALL_PATH_AT,     // renameat2
    [83] = CALL_PATH,       // mkdir
    [258] = CALL_PATH_AT,     // mkdirat
    [84] = CALL_PATH,       // rmdir
    [87] = CALL_PATH,       // unlink
    [263] = CALL_PATH_AT,     // unlinkat
    [76] = CALL_PATH,       // truncate
};
#endif
