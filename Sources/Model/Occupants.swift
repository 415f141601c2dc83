/// What kept a thread in the run queue.  Raw values are part of the recording's format.
public enum OccupantKind: UInt8, Sendable, CaseIterable {
    /// Who had the CPU is further back than the kernel side remembers, or was lost.
    case unknown = 0
    /// Another thread had the CPU.
    case thread
    /// The CPU was idle: the time from being woken to being switched to.
    case latency
    /// A cgroup's CPU quota was used up.
    case quota
    /// The hypervisor had taken the CPU away.
    case stolen

    public var name: String { String(describing: self) }
}

/// Who held the CPU while a thread was in the run queue, as a row that many share.
public struct Occupant: Sendable, Hashable {
    public var kind: OccupantKind
    /// Host process and thread ids; 0 unless `kind` is `thread`.
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    /// The occupant's cgroup, or the one whose quota was used up.
    public var cgroup: String
    /// A quota is likely, but has not been confirmed by the cgroup's own counters; never so in a recording.
    public var isSupposed: Bool

    public init(
        kind: OccupantKind, pid: UInt32 = 0, tid: UInt32 = 0, comm: String = "", cgroup: String = "",
        isSupposed: Bool = false
    ) {
        self.kind = kind
        self.pid = pid
        self.tid = tid
        self.comm = comm
        self.cgroup = cgroup
        self.isSupposed = isSupposed
    }
}

/// Run-queue time of one thread in one tick that has its occupant in common.
public struct OccupantSample: Sendable {
    public var occupant: Occupant
    /// Run-queue intervals, or parts of such.
    public var count: UInt64
    /// Nanoseconds.
    public var total: UInt64

    public init(occupant: Occupant, count: UInt64, total: UInt64) {
        self.occupant = occupant
        self.count = count
        self.total = total
    }
}
