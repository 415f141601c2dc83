/// Why a thread left the CPU of its own accord.  Raw values are part of the recording's format.
public enum WaitKind: UInt8, Sendable, CaseIterable {
    case other = 0, futex, pipe, unix, inet, accept, connect, epoll, poll, sleep, child, signal
    case fileRead, fileWrite, fsync, pageFault, reclaim, ioUring, aio, kernelLock, vfork
    case stopped, exit, kernelThread, file
    /// An eventfd, timerfd, signalfd, inotify or the like.
    case event
    /// For memory within the limit of a cgroup, for free memory that is in one piece, for what was swapped out, and for
    /// what was in memory a moment ago.
    case groupReclaim, compaction, swapIn, thrashing

    /// The name that people see and query for.
    public var name: String {
        switch self {
        case .fileRead: "file_read"
        case .fileWrite: "file_write"
        case .pageFault: "page_fault"
        case .ioUring: "io_uring"
        case .kernelLock: "kernel_lock"
        case .kernelThread: "kernel_thread"
        case .groupReclaim: "group_reclaim"
        case .swapIn: "swap_in"
        default: String(describing: self)
        }
    }
}

/// Which way the data goes that a thread waits for.
public enum WaitDirection: UInt8, Sendable, CaseIterable {
    case none = 0, read, write
    public var name: String { String(describing: self) }
}

/// What ended a wait.
public enum WakerKind: UInt8, Sendable, CaseIterable {
    /// Nothing yet: the wait was still going on.
    case pending = 0
    case thread, interrupt, block, network, timer
    /// The thread itself was about to sleep and found that it need not.
    case itself
    case unknown

    public var name: String { self == .itself ? "self" : String(describing: self) }
}

/// The context that ended waits, as a row that many waits share.
public struct Waker: Sendable, Hashable {
    public var kind: WakerKind
    /// Host process and thread ids; 0 unless `kind` is `thread`.
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String

    public init(kind: WakerKind, pid: UInt32 = 0, tid: UInt32 = 0, comm: String = "") {
        self.kind = kind
        self.pid = pid
        self.tid = tid
        self.comm = comm
    }

    public static let pending = Waker(kind: .pending)
}

/// What a thread waits for, without what ended it.
public struct WaitSubject: Sendable, Hashable {
    public var kind: WaitKind
    /// System call number of the host's architecture; -1 outside system calls.
    public var syscall: Int16
    public var direction: WaitDirection
    public var isUninterruptible: Bool
    public var isIO: Bool
    /// Row of the resource in the recording, 0 if there is none.
    public var resource: Int64
    /// The block device that the thread's request went to, as the kernel numbers it (major in the bits from 20
    /// up, minor below); 0 if there was none.
    public var device: UInt32

    public init(
        kind: WaitKind, syscall: Int16 = -1, direction: WaitDirection = .none,
        isUninterruptible: Bool = false, isIO: Bool = false, resource: Int64 = 0, device: UInt32 = 0
    ) {
        self.kind = kind
        self.syscall = syscall
        self.direction = direction
        self.isUninterruptible = isUninterruptible
        self.isIO = isIO
        self.resource = resource
        self.device = device
    }
}

/// Waits of one thread in one tick that have subject and waker in common.
public struct WaitSample: Sendable {
    public var subject: WaitSubject
    public var waker: Waker
    /// Of a set (epoll, poll), the resource whose event ended the waits; of a futex, the one that its waiters
    /// were requeued to.  0 if there is none, or it is not known.
    public var member: Int64
    public var timedOut: Bool
    /// Waits that ended in this tick.
    public var count: UInt64
    /// Nanoseconds of this tick spent in these waits, those still going on included.
    public var total: UInt64
    /// The longest wait that ended, over its whole length (ns); it may have begun ticks ago.
    public var longest: UInt64
    /// Whole lengths of the waits that ended.
    public var lengths: Histogram

    public init(
        subject: WaitSubject, waker: Waker, member: Int64 = 0, timedOut: Bool = false, count: UInt64,
        total: UInt64,
        longest: UInt64 = 0, lengths: Histogram = Histogram()
    ) {
        self.subject = subject
        self.waker = waker
        self.member = member
        self.timedOut = timedOut
        self.count = count
        self.total = total
        self.longest = longest
        self.lengths = lengths
    }
}
