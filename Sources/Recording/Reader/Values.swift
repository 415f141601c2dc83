import Model

/// One row of the view `thread_seconds`.
public struct ThreadSecond: Sendable, Equatable {
    /// End of the tick, nanoseconds since the Unix epoch.
    public var time: UInt64
    public var tick: Int64
    public var pid: UInt32
    public var tid: UInt32
    public var process: Int64
    public var thread: Int64
    public var comm: String
    public var processComm: String
    public var sample: ThreadSample
}

/// One row of the view `waits`, with names as they are shown and queried for.
public struct WaitRow: Sendable, Equatable {
    /// End of the tick, nanoseconds since the Unix epoch.
    public var time: UInt64
    public var tick: Int64
    public var wait: WaitTotal
}

/// What is known of a process over its whole life in a recording: its last version, and when it ended.
public struct ProcessRow: Sendable, Equatable {
    public var version: ProcessVersion
    /// When the next version began or the process ended; nil if neither happened.
    public var until: UInt64?
    public var ended: UInt64?
    public var exitStatus: Int32?
    public var exitSignal: Int32?
}

/// One version of a thread.
public struct ThreadRow: Sendable, Equatable {
    public var version: ThreadVersion
    /// When the next version began or the thread ended; nil if neither happened.
    public var until: UInt64?
    public var ended: UInt64?
}

/// One thread over a stretch of a recording.
public struct ThreadTotal: Sendable, Equatable {
    public var process: Int64
    public var thread: Int64
    public var pid: UInt32
    public var tid: UInt32
    /// The latest name.
    public var comm: String
    public var processComm: String
    public var cgroup: String
    public var container: String
    /// Sums, with the largest of `ThreadSample.longestBurst`.
    public var sample: ThreadSample
    /// Ticks in which the thread was alive.
    public var ticks: Int
    /// The largest share of its time alive in a tick that no state accounts for, 0 to 1.
    public var largestDeviation: Double
}

/// The waits of one thread that have subject and waker in common, over a stretch of a recording.
public struct WaitTotal: Sendable, Equatable {
    public var process: Int64
    public var thread: Int64
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    public var processComm: String
    /// `WaitKind.name`.
    public var kind: String
    /// `read`, `write` or nil.
    public var direction: String?
    /// The name of the system call; nil outside of system calls.
    public var syscall: String?
    public var isUninterruptible: Bool
    /// 0 if there is none.
    public var resourceID: Int64
    public var resource: String?
    /// The block device that the thread's request went to.
    public var device: String?
    /// Of a set, the one whose event ended the waits; 0 if there is none, or it is not known.
    public var memberID: Int64
    public var member: String?
    /// `WakerKind.name`.
    public var wakerKind: String
    public var wakerPID: UInt32?
    public var wakerTID: UInt32?
    public var wakerComm: String?
    public var timedOut: Bool
    /// Waits that ended.
    public var count: UInt64
    /// Nanoseconds, waits still going on included.
    public var total: UInt64
    /// The longest wait that ended, ns.
    public var longest: UInt64
    /// Lengths of the waits that ended.
    public var lengths: Histogram
}

/// Whether the time of a stretch adds up.  All durations are nanoseconds.
public struct Conservation: Sendable, Equatable {
    /// Thread-seconds looked at (rows of `thread_seconds`).
    public var rows: Int
    public var alive: UInt64
    public var onCPU: UInt64
    public var waking: UInt64
    public var runQueue: UInt64
    public var blocked: UInt64
    /// The part of `blocked` that rows of `waits` account for.
    public var waits: UInt64
    /// The largest share of its time alive that a row does not account for, 0 to 1.
    public var largestDeviation: Double
    public var kernelOnCPU: UInt64
    public var kernelRunQueue: UInt64

    public var accounted: UInt64 { onCPU + waking + runQueue + blocked }
}
