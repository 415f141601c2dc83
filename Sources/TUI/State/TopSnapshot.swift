import Model

/// Everything that the screen shows of one stretch of a recording.
public struct TopSnapshot: Sendable, Equatable {
    /// End of the stretch, ns since the Unix epoch; 0 while nothing is recorded yet.
    public var time: UInt64 = 0
    /// How long the stretch is, ns.
    public var duration: UInt64 = 0
    /// How long the recording was by then, ns.
    public var elapsed: UInt64 = 0
    /// Ends of all ticks, in order: the moments that one can go to.
    public var timeline: [UInt64] = []
    /// The recording had its last tick.
    public var isFinished = false
    public var threads: [ThreadView] = []
    /// Who had the CPUs that these threads waited for, the longest total first.
    public var occupants: [OccupantView] = []
    /// Things that were lost in the stretch.
    public var losses: UInt64 = 0

    public init() {}

    /// Index of the stretch's end in ``timeline``, 0 without one.
    var position: Int { timeline.lastIndex { $0 <= time } ?? 0 }
}

/// A thread over the stretch.
public struct ThreadView: Sendable, Equatable {
    /// Ids of the recording, as in `thread_seconds`.
    public var thread: Int64
    public var process: Int64
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    public var processComm: String
    public var sample: ThreadSample
    public var blocked: BlockedTimes
    /// The longest total first.
    public var waits: [WaitView]
    public var occupants: [OccupantView]

    /// Whether anything made it run in the stretch: one of a pool that nobody needed is not held up.
    var hasRun: Bool { sample.onCPU > 0 || sample.runQueue > 0 }

    public init(
        thread: Int64, process: Int64, pid: UInt32, tid: UInt32, comm: String, processComm: String,
        sample: ThreadSample, blocked: BlockedTimes = BlockedTimes(), waits: [WaitView] = [],
        occupants: [OccupantView] = []
    ) {
        (self.thread, self.process, self.pid, self.tid) = (thread, process, pid, tid)
        (self.comm, self.processComm) = (comm, processComm)
        (self.sample, self.blocked, self.waits, self.occupants) = (sample, blocked, waits, occupants)
    }
}

/// Waits of a thread for the same thing that the same thing ended.
public struct WaitView: Sendable, Equatable {
    /// As the report names it: `futex lock (server)`, `epoll: tcp ... (50)`.
    public var subject: String
    /// `worker/123`, `timer`, `not ended`.
    public var waker: String
    /// The thread that ended them, if it is one of the recording's.
    public var wakerThread: Int64?
    public var kind: BlockedKind
    /// Waits that ended.
    public var count: UInt64
    /// Nanoseconds of the stretch.
    public var total: UInt64
    /// The longest that ended, over its whole length, ns.
    public var longest: UInt64
    public var lengths: Histogram

    public init(
        subject: String, waker: String, wakerThread: Int64? = nil, kind: BlockedKind, count: UInt64,
        total: UInt64, longest: UInt64 = 0, lengths: Histogram = Histogram()
    ) {
        (self.subject, self.waker, self.wakerThread, self.kind) = (subject, waker, wakerThread, kind)
        (self.count, self.total, self.longest, self.lengths) = (count, total, longest, lengths)
    }
}

/// Who had a CPU that others waited for, and for how long they did, ns.
public struct OccupantView: Sendable, Equatable {
    public var name: String
    public var total: UInt64

    public init(name: String, total: UInt64) { (self.name, self.total) = (name, total) }
}

/// What a diagnosis of the last seconds says.
public struct VerdictView: Sendable, Equatable {
    /// One sentence.
    public var summary: String
    /// Whether that names a bottleneck.
    public var isBottleneck: Bool
    /// Nanoseconds since the Unix epoch: what was looked at.
    public var from: UInt64
    public var to: UInt64

    public init(summary: String, isBottleneck: Bool, from: UInt64, to: UInt64) {
        (self.summary, self.isBottleneck, self.from, self.to) = (summary, isBottleneck, from, to)
    }
}
