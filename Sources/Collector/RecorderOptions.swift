import Probes

/// How to record; what to record is the ``TargetSelector``s' matter.
public struct RecorderOptions: Sendable {
    /// Nanoseconds from one tick to the next.
    public var interval: UInt64 = 1_000_000_000
    /// Nanoseconds after which the recording ends; nil: until the last target ends, or it is stopped.
    public var duration: UInt64?
    /// The recording ends with its last target.
    public var endsWithTargets = true
    /// Nanoseconds after which a process of which no thread has run is no target any more; nil: never.
    public var maxIdle: UInt64?
    /// Whether the host's own counters and the limits of the targets' cgroups are read at each tick.
    public var readsHost = true

    /// How many single spells off the CPU are kept a second, about; nil: all.  Whether any are is the plane's matter.
    public var intervalBudget: UInt64? = 2000

    public init() {}
}

/// How far a recording has got, for the one who watches.
public struct RecorderProgress: Sendable {
    public var elapsed: UInt64
    public var processes: Int
    public var threads: Int
    /// All that ever were targets, ended ones too.
    public var seenProcesses: Int
    public var seenThreads: Int
    /// Everything that was lost so far, as the kernel side counts it.
    public var lost: UInt64
    public var onCPU: UInt64
    public var alive: UInt64
}
