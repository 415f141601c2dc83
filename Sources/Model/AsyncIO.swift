/// How a request reached whoever carries it out.  Raw values are the kernel side's and part of the recording's format.
public enum AsyncIssue: UInt8, Sendable, CaseIterable {
    /// By the thread that submitted it, whoever completes it.
    case inline = 0
    /// It was handed to a worker of io_uring, which may sleep for it.
    case worker
    /// It waited until its file was ready.
    case poll
    /// By `io_submit`.
    case aio

    public var name: String { String(describing: self) }
}

/// What requests do: names of the numbers in include/uapi/linux/io_uring.h and aio_abi.h.
public enum AsyncOperations {
    public static let ofRings = [
        "nop", "readv", "writev", "fsync", "read_fixed", "write_fixed", "poll_add", "poll_remove",
        "sync_file_range", "sendmsg", "recvmsg", "timeout", "timeout_remove", "accept", "async_cancel",
        "link_timeout", "connect", "fallocate", "openat", "close", "files_update", "statx", "read",
        "write", "fadvise", "madvise", "send", "recv", "openat2", "epoll_ctl", "splice", "provide_buffers",
        "remove_buffers", "tee", "shutdown", "renameat", "unlinkat", "mkdirat", "symlinkat", "linkat",
        "msg_ring", "fsetxattr", "setxattr", "fgetxattr", "getxattr", "socket", "uring_cmd", "send_zc",
        "sendmsg_zc", "read_multishot", "waitid", "futex_wait", "futex_wake", "futex_waitv",
        "fixed_fd_install", "ftruncate", "bind", "listen", "recv_zc", "epoll_wait", "readv_fixed",
        "writev_fixed", "pipe",
    ]

    /// Of a completion that is one of several of its request.
    public static let none: UInt8 = 255

    public static let ofAIO = [
        "pread", "pwrite", "fsync", "fdsync", nil, "poll", "noop", "preadv", "pwritev",
    ]
}

/// Requests of io_uring or aio that have thread, ring or context, file, operation and way of issue in common, in one
/// tick.  Times are nanoseconds.
public struct AsyncSample: Sendable, Equatable {
    /// The resource: a ring, or a context of aio.
    public var ring: Int64
    /// The resource; 0: none, or not known.
    public var file: Int64
    /// `IORING_OP_*` or, with ``AsyncIssue/aio``, `IOCB_CMD_*`.
    public var operation: UInt8
    public var issue: AsyncIssue
    /// Completed in this tick; of aio, given to the program by `io_getevents`.
    public var requests: UInt64 = 0
    public var errors: UInt64 = 0
    /// Entries of the completion queue: more than requests where one request has several.
    public var completions: UInt64 = 0
    /// Requests whose beginning or end was not seen, so that nothing more is known of them.
    public var untold: UInt64 = 0
    /// From submission to completion, of those that were completed.
    public var total: UInt64 = 0
    public var longest: UInt64 = 0
    public var lengths = Histogram()
    /// The most completions that lay in the ring, not taken by the program, after one of these.
    public var unreaped: UInt64 = 0
    /// Not completed when the tick ended, and for how long those had been under way, together.
    public var inFlight: UInt64 = 0
    public var inFlightTotal: UInt64 = 0

    public init(ring: Int64, file: Int64, operation: UInt8, issue: AsyncIssue) {
        self.ring = ring
        self.file = file
        self.operation = operation
        self.issue = issue
    }
}

extension AsyncSample {
    /// Adds a sample of the same requests.
    public static func += (left: inout AsyncSample, right: AsyncSample) {
        left.requests += right.requests
        left.errors += right.errors
        left.completions += right.completions
        left.untold += right.untold
        left.total += right.total
        left.longest = max(left.longest, right.longest)
        left.lengths += right.lengths
        left.unreaped = max(left.unreaped, right.unreaped)
        left.inFlight += right.inFlight
        left.inFlightTotal += right.inFlightTotal
    }
}
