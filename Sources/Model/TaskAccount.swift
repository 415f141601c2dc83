/// How often something held a thread up, and for how long, in nanoseconds.
public struct TaskDelay: Sendable, Equatable {
    public var count: UInt64
    public var total: UInt64

    public init(count: UInt64 = 0, total: UInt64 = 0) {
        self.count = count
        self.total = total
    }

    /// What was added; counters that went back have begun anew.
    public func since(_ before: TaskDelay) -> TaskDelay {
        TaskDelay(count: count.since(before.count), total: total.since(before.total))
    }

    public static func + (left: TaskDelay, right: TaskDelay) -> TaskDelay {
        TaskDelay(count: left.count &+ right.count, total: left.total &+ right.total)
    }
}

/// What the kernel's delay accounting counts (`kernel.task_delayacct`); nil: not told by this kernel.
public struct TaskDelays: Sendable, Equatable {
    public var blockIO = TaskDelay()
    public var swapIn = TaskDelay()
    public var reclaim = TaskDelay()
    public var thrashing = TaskDelay()
    /// Since Linux 5.17.
    public var compaction: TaskDelay?
    /// Since Linux 6.0.
    public var writeProtectCopy: TaskDelay?
    /// Since Linux 6.5.
    public var interrupts: TaskDelay?

    public init(
        blockIO: TaskDelay = TaskDelay(), swapIn: TaskDelay = TaskDelay(), reclaim: TaskDelay = TaskDelay(),
        thrashing: TaskDelay = TaskDelay(), compaction: TaskDelay? = nil,
        writeProtectCopy: TaskDelay? = nil, interrupts: TaskDelay? = nil
    ) {
        self.blockIO = blockIO
        self.swapIn = swapIn
        self.reclaim = reclaim
        self.thrashing = thrashing
        self.compaction = compaction
        self.writeProtectCopy = writeProtectCopy
        self.interrupts = interrupts
    }

    public func since(_ before: TaskDelays) -> TaskDelays {
        TaskDelays(
            blockIO: blockIO.since(before.blockIO), swapIn: swapIn.since(before.swapIn),
            reclaim: reclaim.since(before.reclaim), thrashing: thrashing.since(before.thrashing),
            compaction: compaction?.since(before.compaction ?? TaskDelay()),
            writeProtectCopy: writeProtectCopy?.since(before.writeProtectCopy ?? TaskDelay()),
            interrupts: interrupts?.since(before.interrupts ?? TaskDelay()))
    }

    /// Nanoseconds of all kinds.
    public var sum: UInt64 {
        [blockIO, swapIn, reclaim, thrashing, compaction, writeProtectCopy, interrupts]
            .reduce(0) { $0 &+ ($1?.total ?? 0) }
    }

    /// Nanoseconds of the kind with the most.
    public var longest: UInt64 {
        [blockIO, swapIn, reclaim, thrashing, compaction, writeProtectCopy, interrupts]
            .reduce(0) { max($0, $1?.total ?? 0) }
    }

    public static func + (left: TaskDelays, right: TaskDelays) -> TaskDelays {
        func add(_ left: TaskDelay?, _ right: TaskDelay?) -> TaskDelay? {
            left.map { $0 + (right ?? TaskDelay()) } ?? right
        }
        return TaskDelays(
            blockIO: left.blockIO + right.blockIO, swapIn: left.swapIn + right.swapIn,
            reclaim: left.reclaim + right.reclaim, thrashing: left.thrashing + right.thrashing,
            compaction: add(left.compaction, right.compaction),
            writeProtectCopy: add(left.writeProtectCopy, right.writeProtectCopy),
            interrupts: add(left.interrupts, right.interrupts))
    }
}

/// The kernel's own account of a thread: taskstats.  Durations are nanoseconds.
public struct TaskCounters: Sendable, Equatable {
    /// Waiting for a CPU (`sched_info`).
    public var cpu = TaskDelay()
    /// On a CPU as `times(2)` tells it: many kernels only look at each timer interrupt.
    public var runReal: UInt64 = 0
    /// On a CPU (`se.sum_exec_runtime`).
    public var runVirtual: UInt64 = 0
    /// Switches.
    public var voluntary: UInt64 = 0
    public var involuntary: UInt64 = 0
    /// To and from storage.
    public var readBytes: UInt64 = 0
    public var writtenBytes: UInt64 = 0
    /// nil where delay accounting is off.
    public var delays: TaskDelays?

    public init(
        cpu: TaskDelay = TaskDelay(), runReal: UInt64 = 0, runVirtual: UInt64 = 0, voluntary: UInt64 = 0,
        involuntary: UInt64 = 0, readBytes: UInt64 = 0, writtenBytes: UInt64 = 0, delays: TaskDelays? = nil
    ) {
        self.cpu = cpu
        self.runReal = runReal
        self.runVirtual = runVirtual
        self.voluntary = voluntary
        self.involuntary = involuntary
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
        self.delays = delays
    }

    public func since(_ before: TaskCounters) -> TaskCounters {
        TaskCounters(
            cpu: cpu.since(before.cpu), runReal: runReal.since(before.runReal),
            runVirtual: runVirtual.since(before.runVirtual), voluntary: voluntary.since(before.voluntary),
            involuntary: involuntary.since(before.involuntary), readBytes: readBytes.since(before.readBytes),
            writtenBytes: writtenBytes.since(before.writtenBytes),
            delays: delays?.since(before.delays ?? TaskDelays()))
    }

    public static func + (left: TaskCounters, right: TaskCounters) -> TaskCounters {
        TaskCounters(
            cpu: left.cpu + right.cpu, runReal: left.runReal &+ right.runReal,
            runVirtual: left.runVirtual &+ right.runVirtual, voluntary: left.voluntary &+ right.voluntary,
            involuntary: left.involuntary &+ right.involuntary, readBytes: left.readBytes &+ right.readBytes,
            writtenBytes: left.writtenBytes &+ right.writtenBytes,
            delays: left.delays.map { $0 + (right.delays ?? TaskDelays()) } ?? right.delays)
    }
}

/// What the kernel's account of a thread grew by in a tick.
public struct TaskAccountSample: Sendable, Equatable {
    /// ``ThreadVersion/id``.
    public var thread: Int64
    /// In the form of `wait(2)`, if the thread has ended.
    public var exitCode: Int32?
    public var counters: TaskCounters

    public init(thread: Int64, exitCode: Int32? = nil, counters: TaskCounters) {
        self.thread = thread
        self.exitCode = exitCode
        self.counters = counters
    }
}

extension UInt64 {
    /// The growth of a counter; one that went back has begun anew.
    fileprivate func since(_ before: UInt64) -> UInt64 { self >= before ? self - before : self }
}
