/// A stretch of the recording at whose end everything was counted.
public struct Tick: Sendable, Equatable {
    public var number: Int64
    /// End of the tick, nanoseconds since the Unix epoch.
    public var time: UInt64
    /// End of the tick on `CLOCK_BOOTTIME`.
    public var bootTime: UInt64
    /// Nanoseconds since the end of the tick before.
    public var duration: UInt64

    public init(number: Int64, time: UInt64, bootTime: UInt64, duration: UInt64) {
        self.number = number
        self.time = time
        self.bootTime = bootTime
        self.duration = duration
    }
}

/// A process became a target, or stopped being one.
public struct TargetEvent: Sendable, Equatable {
    public enum Event: String, Sendable { case added, removed }
    public var time: UInt64
    public var pid: UInt32
    /// The ``ProcessVersion/id`` at that time, 0 if nothing more is known of it.
    public var process: Int64
    public var event: Event
    /// Whether it was asked for, or descends from a process that was; false of those that were found.
    public var isRoot: Bool
    /// A sentence: "asked for by --pid", "forked by 1234 (bash)", "exited with status 0".
    public var reason: String

    public init(
        time: UInt64, pid: UInt32, process: Int64, event: Event, isRoot: Bool = true, reason: String
    ) {
        self.time = time
        self.pid = pid
        self.process = process
        self.event = event
        self.isRoot = isRoot
        self.reason = reason
    }
}

/// Something that a recording does not hold although it should.
public struct Loss: Sendable, Equatable {
    /// ``what`` of lost ``Interval``s.
    public static let spells = "single spells off the CPU"
    /// ``what`` of events that an interrupt brought while the same program was at work.
    public static let namesOfWaits = "events that name waits"

    public var time: UInt64
    /// What was lost: "wait names", "thread births", ...
    public var what: String
    /// Where: the map, buffer or step.
    public var place: String
    public var count: UInt64
    /// What it means and what to do about it.
    public var advice: String

    public init(time: UInt64, what: String, place: String, count: UInt64, advice: String) {
        self.time = time
        self.what = what
        self.place = place
        self.count = count
        self.advice = advice
    }
}

/// A thread that did nothing but stay in one wait, for whole ticks.
public struct IdleRun: Sendable {
    /// ``ThreadVersion/id``.
    public var thread: Int64
    public var firstTick: Int64
    /// By how many nanoseconds the thread's row before ends after `firstTick` begins; negative: before.
    public var beginOffset: Int64
    public var subject: WaitSubject

    public init(thread: Int64, firstTick: Int64, beginOffset: Int64 = 0, subject: WaitSubject) {
        self.thread = thread
        self.firstTick = firstTick
        self.beginOffset = beginOffset
        self.subject = subject
    }
}

/// The thread of an ``IdleRun`` did something in the tick after `lastTick`, or ended.
public struct IdleRunEnd: Sendable {
    public var thread: Int64
    public var lastTick: Int64
    /// By how many nanoseconds the thread's next row begins after `lastTick` ends; negative: before.
    public var endOffset: Int64
    /// What ended the wait, `pending` if it is not over (the thread was only removed or renamed).
    public var waker: Waker
    /// As in ``WaitSample/member``.
    public var member: Int64
    public var timedOut: Bool

    public init(
        thread: Int64, lastTick: Int64, endOffset: Int64 = 0, waker: Waker, member: Int64 = 0,
        timedOut: Bool = false
    ) {
        self.thread = thread
        self.lastTick = lastTick
        self.endOffset = endOffset
        self.waker = waker
        self.member = member
        self.timedOut = timedOut
    }
}

/// A wait that went on over the end of earlier ticks has ended: its time in those ticks, stored as
/// `pending`, was this waker's.
public struct WaitResolution: Sendable {
    /// ``ThreadVersion/id`` under which the pending time was stored.
    public var thread: Int64
    public var tick: Int64
    public var waker: Waker
    /// As in ``WaitSample/member``.
    public var member: Int64
    public var timedOut: Bool

    public init(thread: Int64, tick: Int64, waker: Waker, member: Int64 = 0, timedOut: Bool) {
        self.thread = thread
        self.tick = tick
        self.waker = waker
        self.member = member
        self.timedOut = timedOut
    }
}

/// Everything that one tick adds to a recording, written in one transaction.
public struct TickBatch: Sendable {
    public var tick: Tick
    public var processes: [ProcessVersion] = []
    public var threads: [ThreadVersion] = []
    public var samples: [(thread: Int64, sample: ThreadSample)] = []
    public var waits: [(thread: Int64, wait: WaitSample)] = []
    /// Run-queue time by who held the CPU; adds up to the samples' run-queue time.
    public var occupants: [(thread: Int64, occupant: OccupantSample)] = []
    /// What performance counters counted while threads ran.
    public var pmu: [(thread: Int64, sample: PMUSample)] = []
    /// Requests to block devices, of everybody on the host.
    public var block: [BlockSample] = []
    /// Stall times of the host and of the targets' cgroups.
    public var pressure: [PressureSample] = []
    /// System calls, and what they moved through sockets and pipes, by ``ThreadVersion/id``.
    public var syscalls: [(thread: Int64, sample: SyscallSample)] = []
    public var traffic: [(thread: Int64, sample: TrafficSample)] = []
    /// Requests of io_uring and aio, by ``ThreadVersion/id``; 0 if their submission was not seen.
    public var async: [(thread: Int64, sample: AsyncSample)] = []
    /// Waits by where in the program they were, and by where their wakers were, by ``ThreadVersion/id``.
    public var stackWaits: [(thread: Int64, sample: StackWaitSample)] = []
    /// Stacks that this batch is the first to refer to, and frames of theirs that are new.
    public var stacks: [CallStack] = []
    public var frames: [(id: Int64, frame: StackFrame)] = []
    /// The kernel's own account of the targets' threads.
    public var accounts: [TaskAccountSample] = []
    /// What processes did with files in the page cache.
    public var pageCache: [PageCacheSample] = []
    /// How much of the files that targets used most was in the page cache at the tick's end.
    public var residency: [ResidencySample] = []
    /// The host around the targets.
    public var surroundings = SurroundingsSample()
    /// Resources that are new, or about which more is known now.
    public var resources: [Resource] = []
    /// Names of block devices that this batch is the first to refer to, by ``WaitSubject/device``.
    public var devices: [(device: UInt32, name: String)] = []
    /// Spells off the CPU that ended in this tick; with the last tick, those too that were not over.
    public var intervals: [Interval] = []
    /// Stretches of this tick of which all spells are kept.
    /// With the last tick.
    public var heldLocks: [HeldLock] = []
    public var slices: [IntervalSlice] = []
    /// From here on earlier slices are not complete after all: a spell that reached into them was lost.
    public var slicesVoidSince: UInt64?
    public var idleRuns: [IdleRun] = []
    public var idleRunEnds: [IdleRunEnd] = []
    public var resolutions: [WaitResolution] = []
    public var ends: [TaskEnd] = []
    public var targets: [TargetEvent] = []
    public var losses: [Loss] = []

    public init(tick: Tick) { self.tick = tick }
}

/// What is known of a recording as a whole when it starts.
public struct RecordingHeader: Sendable, Equatable {
    public var host: String
    public var kernel: String
    public var bootID: String
    public var cpus: Int
    public var started: UInt64
    public var interval: UInt64
    /// The command line that made it.
    public var command: String
    public var version: String

    public init(
        host: String, kernel: String, bootID: String, cpus: Int, started: UInt64, interval: UInt64,
        command: String, version: String
    ) {
        self.host = host
        self.kernel = kernel
        self.bootID = bootID
        self.cpus = cpus
        self.started = started
        self.interval = interval
        self.command = command
        self.version = version
    }
}
