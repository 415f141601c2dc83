import Model

/// Who or what holds the application up; what does not apply is nil.
public struct Culprit: Sendable, Equatable {
    /// `thread`, `process`, `cgroup`, `endpoint`, `device`, `hypervisor`, `unknown`.
    public var kind: String
    public var pid: UInt32?
    public var tid: UInt32?
    public var comm: String?
    public var commandLine: String?
    public var cgroup: String?
    public var container: String?
    public var endpoint: String?
    public var device: String?

    public init(kind: String) { self.kind = kind }
}

/// One step from an entry thread to a cause.
public struct PathStep: Sendable, Equatable {
    public var thread: String
    public var waitKind: String
    public var resource: String?
    /// Who ended the wait; nil if no thread of a target did.
    public var waker: String?
    /// Of the service time, what went along this path, 0 to 1.
    public var share: Double
}

/// Something that the service time went to.
public struct Cause: Sendable, Equatable {
    /// What it is, in words without numbers.
    public var sentence: String { Sentence.what(self) }
    public var kind: CauseClass
    public var via: String
    /// Of the service time in the window, 0 to 1.
    public var share: Double
    /// Nanoseconds in the slices of the window that were seen.
    public var time: UInt64
    /// What it adds to each piece of work against the baseline, ns; nil without a baseline.
    public var addedPerUnit: Double?
    /// 0 to 1.
    public var confidence: Double
    public var culprit: Culprit
    public var path: [PathStep]
    /// The same for the same cause in another stretch, or another recording; not for people.
    public var identity = ""
}

/// A stretch of a recording, ns since the Unix epoch, and how the service was in it.
public struct Stretch: Sendable, Equatable {
    public var from: UInt64
    public var to: UInt64
    /// What of it is meant: more than one where what is compared with it lies in the middle.
    public var parts: [Range<UInt64>]
    /// Pieces of work that began in each second, for all entry threads together.
    public var unitsPerSecond: Double
    /// Service time of a piece of work, ns; nil where no work began.
    public var servicePerUnit: Double?
    /// Share of the time that was service, of the entry threads in the seconds in which they had any, 0 to 1.
    public var busy: Double
}

/// What a diagnosis rests on.
public struct Coverage: Sendable, Equatable {
    public var spells: Int
    /// Of how many that the recording has, about.
    public var recorded: Int
    /// Of the window's time, the share that the slices cover, 0 to 1.
    public var seen: Double
    /// Of the service time, the share that no cause was found for.
    public var unattributed: Double
    /// Spells that were lost on the way to the recording.
    public var lost: UInt64
}

/// What a recording says about why an application is slow.
public struct Findings: Sendable {
    /// Index into ``causes`` of the one that holds the application up; nil if there is no bottleneck.
    public var verdict: Int?
    /// One sentence.
    public var summary: String
    /// What it rests on, a sentence each.
    public var reasons: [String]
    /// The largest first: by what they added to each piece of work where there is a baseline, else by their share.
    public var causes: [Cause]
    public var entryThreads: [EntryThread]
    public var window: Stretch
    public var baseline: Stretch?
    public var coverage: Coverage
}
