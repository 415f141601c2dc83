import Model
import Probes

/// A process under watch.
struct TrackedProcess {
    var version: ProcessVersion
    /// Threads that have not ended.
    var live: Set<UInt32> = []
    /// As the thread group's leader left it, in the form of `wait(2)`.
    var exitCode: Int32?
    var reason: String
    /// Nobody asked for it or its ancestors: it was found because it communicates.
    var isFound = false
    /// When one of its threads was last on a CPU, `CLOCK_BOOTTIME`.
    var lastActive: UInt64 = 0
}

/// A thread under watch.
struct TrackedThread {
    var version: ThreadVersion
    /// Stable id of its process.
    var process: Int64
    /// Up to when it was last reported, `CLOCK_BOOTTIME`.
    var reportedUntil: UInt64 = 0
    /// What it waited for when it was last reported, while that goes on.
    var waiting: WaitSubject?
    /// Its spell off the CPU as of then, while that goes on.
    var spell: OpenSpell?
    /// An ``IdleRun`` of this thread is open, under this version of it.
    var openIdleRun: Int64?
    /// Ticks in which time of the present wait was stored as pending.
    var pending: [(thread: Int64, tick: Int64)] = []
}
