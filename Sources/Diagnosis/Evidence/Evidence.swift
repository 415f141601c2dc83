import Model

/// A thread of a recording, with what tells people which it is.
public struct ThreadFacts: Sendable, Equatable {
    /// ``ThreadVersion/thread``.
    public var id: Int64
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    public var processComm: String
    public var commandLine = ""
    public var cgroup = ""
    public var container = ""
    /// Whether its process was asked for, or descends from one that was; the others were found.
    public var isRoot: Bool
    /// What it did outside of this stretch is not known, ns since the Unix epoch.
    public var knownFrom: UInt64
    public var knownTo: UInt64

    public init(
        id: Int64, pid: UInt32, tid: UInt32, comm: String, processComm: String, isRoot: Bool = true,
        knownFrom: UInt64 = 0, knownTo: UInt64 = .max
    ) {
        self.id = id
        self.pid = pid
        self.tid = tid
        self.comm = comm
        self.processComm = processComm
        self.isRoot = isRoot
        self.knownFrom = knownFrom
        self.knownTo = knownTo
    }
}

/// One spell off the CPU, as an ``Interval``, with everything that has a name as a number: a diagnosis looks at millions.
/// Numbers are indices into the arrays of an ``Evidence``; -1 stands for none.
public struct Spell: Sendable, Equatable {
    public var left: UInt64
    public var woken: UInt64
    /// When it came into a run queue.
    public var queued: UInt64
    public var ran: UInt64
    public var thread: Int32
    /// -1: the thread was preempted.
    public var subject: Int32
    public var waker: Int32
    /// -1: it was not a target's thread.
    public var wakerThread: Int32
    /// Of ``Evidence/resources``.
    public var member: Int32
    public var occupant: Int32
    public var timedOut: Bool

    public init(
        left: UInt64, woken: UInt64, queued: UInt64, ran: UInt64, thread: Int32, subject: Int32 = -1,
        waker: Int32 = -1, wakerThread: Int32 = -1, member: Int32 = -1, occupant: Int32 = -1,
        timedOut: Bool = false
    ) {
        (self.left, self.woken, self.queued, self.ran) = (left, woken, queued, ran)
        self.thread = thread
        (self.subject, self.waker, self.wakerThread) = (subject, waker, wakerThread)
        (self.member, self.occupant, self.timedOut) = (member, occupant, timedOut)
    }
}

/// Everything that a diagnosis looks at: what a recording says of a stretch of time, without names where numbers do.
public struct Evidence: Sendable {
    public internal(set) var threads: [ThreadFacts] = []
    public internal(set) var resources: [Resource] = []
    public internal(set) var subjects: [WaitSubject] = []
    public internal(set) var wakers: [Waker] = []
    public internal(set) var occupants: [Occupant] = []
    /// By thread, then by time; a thread's do not overlap.
    public internal(set) var spells: [Spell] = []
    /// Where each thread's are among ``spells``.
    public internal(set) var ranges: [Range<Int>] = []
    /// In order, without overlap: of the time outside of them not every spell is known.
    public internal(set) var slices: [IntervalSlice] = []
    /// Of each of ``subjects``, its resource's index; -1 if it has none.
    public internal(set) var subjectResources: [Int32] = []
    /// Of each of ``occupants``, the target's thread that it is; -1 if it is none.
    public internal(set) var occupantThreads: [Int32] = []
    /// Processes that were asked for, or descend from such.
    public internal(set) var rootPIDs: Set<UInt32> = []
    /// Of threads whose last wait was not over when the recording ended, who holds the lock that they wait for.
    public internal(set) var heldLocks: [Int32: Int32] = [:]
    public var surroundings = SurroundingFacts()
    /// Ticks in which a part of a thread's time on a CPU was stolen, in order, by its index.
    var stolen: [Int32: [StolenShare]] = [:]
    /// Spells that the recording has of this time, about; the others were left out.
    public var recordedSpells = 0
    /// Spells that were lost on the way to the recording.
    public var lostSpells: UInt64 = 0

    /// How much of a stretch on a CPU was stolen: the share that its ticks say.
    func stolenTime(of thread: Int32, _ from: UInt64, _ to: UInt64) -> UInt64 {
        guard let ticks = stolen[thread], from < to else { return 0 }
        var (low, high) = (0, ticks.count)
        while low < high {
            let middle = (low + high) / 2
            if ticks[middle].to <= from { low = middle + 1 } else { high = middle }
        }
        var time: Double = 0
        for tick in ticks[low...] {
            guard tick.from < to else { break }
            time += Double(min(to, tick.to) - max(from, tick.from)) * tick.share
        }
        return min(to - from, UInt64(time))
    }

    /// The last spell of a thread that began before `time`, as an index into ``spells``.
    func lastSpell(of thread: Int32, before time: UInt64) -> Int? {
        let range = ranges[Int(thread)]
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if spells[middle].left < time { low = middle + 1 } else { high = middle }
        }
        return low > range.lowerBound ? low - 1 : nil
    }

    /// The first spell of a thread that ends after `time`.
    func firstSpell(of thread: Int32, endingAfter time: UInt64) -> Int {
        let range = ranges[Int(thread)]
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = (low + high) / 2
            if spells[middle].ran <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Which part of a thread's time on a CPU in a tick was taken by the hypervisor.
public struct StolenShare: Sendable, Equatable {
    /// Nanoseconds since the Unix epoch.
    public var from: UInt64
    public var to: UInt64
    /// 0 to 1.
    public var share: Double

    public init(from: UInt64, to: UInt64, share: Double) {
        (self.from, self.to, self.share) = (from, to, min(1, max(0, share)))
    }
}

/// What a recording says of the host beside its threads' spells.
public struct SurroundingFacts: Sendable {
    /// Time that requests spent at a device, by who submitted them, ns.
    public struct DeviceLoad: Sendable, Equatable {
        public var device: UInt32
        public var pid: UInt32
        public var comm: String
        public var cgroup: String
        /// Nanoseconds since the Unix epoch: end of the tick.
        public var time: UInt64
        public var deviceTime: UInt64
        public var queueTime: UInt64
        public var bytes: UInt64

        public init(
            device: UInt32, pid: UInt32, comm: String, cgroup: String = "", time: UInt64, deviceTime: UInt64,
            queueTime: UInt64 = 0, bytes: UInt64 = 0
        ) {
            (self.device, self.pid, self.comm, self.cgroup) = (device, pid, comm, cgroup)
            (self.time, self.deviceTime, self.queueTime, self.bytes) = (time, deviceTime, queueTime, bytes)
        }
    }

    public var deviceNames: [UInt32: String] = [:]
    public var deviceLoads: [DeviceLoad] = []
    /// Processes under a memory limit that was met, and under a limit for I/O, with the cgroup that has the limit.
    public var atMemoryLimit: [UInt32: String] = [:]
    public var underIOLimit: [UInt32: String] = [:]
    public init() {}
}
