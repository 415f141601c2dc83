/// What one thread did in one tick.  All durations are nanoseconds.
public struct ThreadSample: Sendable, Equatable {
    /// How much of the tick the thread was alive and watched.
    public var alive: UInt64 = 0
    public var onCPU: UInt64 = 0
    /// Woken, but in no run queue yet: the CPU that is to run it sleeps, or is being interrupted.
    public var waking: UInt64 = 0
    public var runQueue: UInt64 = 0
    /// The part of the time on a CPU in which that was not there: taken by the hypervisor, or by interrupts, where the
    /// kernel tells (PARAVIRT_TIME_ACCOUNTING, IRQ_TIME_ACCOUNTING).
    public var stolen: UInt64 = 0
    public var interruptible: UInt64 = 0
    public var uninterruptible: UInt64 = 0
    /// The part of the blocked time that the kernel counts as waiting for I/O.
    public var ioWait: UInt64 = 0

    public var voluntarySwitches: UInt64 = 0
    public var involuntarySwitches: UInt64 = 0
    public var wakeups: UInt64 = 0
    /// Waits that ended, and nobody was seen to end them.
    public var waitsWithoutWaker: UInt64 = 0
    /// Switches to or from the thread that no program saw; its time is right all the same.
    public var missedSwitches: UInt64 = 0
    public var migrations: UInt64 = 0
    public var minorFaults: UInt64 = 0
    public var majorFaults: UInt64 = 0

    /// On-CPU intervals that ended in this tick, over their whole length.
    public var bursts: UInt64 = 0
    public var burstTotal: UInt64 = 0
    public var longestBurst: UInt64 = 0
    public var burstLengths = Histogram()
    /// Times from one wakeup to the next.
    public var wakeGaps: UInt64 = 0
    public var wakeGapTotal: UInt64 = 0
    public var wakeGapLengths = Histogram()
    /// Stretches from the end of a wait to the run queue that ended in this tick, over their whole length.
    public var wakings: UInt64 = 0
    public var longestWaking: UInt64 = 0
    public var wakingLengths = Histogram()
    /// Run-queue intervals that ended in this tick, over their whole length.
    public var runQueues: UInt64 = 0
    public var longestRunQueue: UInt64 = 0
    public var runQueueLengths = Histogram()

    /// The kernel's own account of the same time: `se.sum_exec_runtime` and `sched_info.run_delay`.
    /// The kernel brings them up to date at its own moments, so they agree over seconds, not per tick.
    public var kernelOnCPU: UInt64 = 0
    public var kernelRunQueue: UInt64 = 0

    public init() {}

    public var blocked: UInt64 { interruptible + uninterruptible }
    /// Time alive that no state accounts for; 0 unless something was lost.
    public var unaccounted: Int64 { Int64(bitPattern: alive &- (onCPU &+ waking &+ runQueue &+ blocked)) }

    public static func += (left: inout ThreadSample, right: ThreadSample) {
        left.alive &+= right.alive
        left.onCPU &+= right.onCPU
        left.waking &+= right.waking
        left.runQueue &+= right.runQueue
        left.stolen &+= right.stolen
        left.interruptible &+= right.interruptible
        left.uninterruptible &+= right.uninterruptible
        left.ioWait &+= right.ioWait
        left.voluntarySwitches &+= right.voluntarySwitches
        left.involuntarySwitches &+= right.involuntarySwitches
        left.wakeups &+= right.wakeups
        left.waitsWithoutWaker &+= right.waitsWithoutWaker
        left.missedSwitches &+= right.missedSwitches
        left.migrations &+= right.migrations
        left.minorFaults &+= right.minorFaults
        left.majorFaults &+= right.majorFaults
        left.bursts &+= right.bursts
        left.burstTotal &+= right.burstTotal
        left.longestBurst = max(left.longestBurst, right.longestBurst)
        left.burstLengths += right.burstLengths
        left.wakeGaps &+= right.wakeGaps
        left.wakeGapTotal &+= right.wakeGapTotal
        left.wakeGapLengths += right.wakeGapLengths
        left.wakings &+= right.wakings
        left.longestWaking = max(left.longestWaking, right.longestWaking)
        left.wakingLengths += right.wakingLengths
        left.runQueues &+= right.runQueues
        left.longestRunQueue = max(left.longestRunQueue, right.longestRunQueue)
        left.runQueueLengths += right.runQueueLengths
        left.kernelOnCPU &+= right.kernelOnCPU
        left.kernelRunQueue &+= right.kernelRunQueue
    }
}
