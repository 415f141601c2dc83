import Model
import Probes

/// Threads that stay in one wait: the kernel side does not report them while they do, and each stretch of such ticks
/// becomes one ``IdleRun``.
struct IdleRunTable {
    private var runs: [IdleRun] = []
    private var ends: [IdleRunEnd] = []
    /// Threads whose last report says that they are blocked.
    private var blockedAtLastReport: Set<UInt32> = []
    private var reportedNow: Set<UInt32> = []
    /// When the last ticks began to be settled, `CLOCK_BOOTTIME`, ns: a sample that begins after that tells nothing of the
    /// tick; and when they ended.  A few, because a thread can go unsettled for more than one.
    private var settlings: [(tick: Int64, since: UInt64, end: UInt64?)] = []

    mutating func beginSettling(tick: Int64, at time: UInt64) {
        settlings = settlings.suffix(3) + [(tick, time, nil)]
    }

    /// The tick that was settled last ends at `time`, `CLOCK_BOOTTIME`, ns.
    mutating func endSettling(at time: UInt64) {
        if !settlings.isEmpty { settlings[settlings.count - 1].end = time }
    }

    /// How long after the end of a tick `time` is; 0 if that end is not known.
    private func offset(of time: UInt64, fromEndOf tick: Int64) -> Int64 {
        settlings.last { $0.tick == tick }?.end.map { Int64(bitPattern: time &- $0) } ?? 0
    }

    /// The thread was settled in this tick.
    mutating func noteReport(of thread: UInt32) { reportedNow.insert(thread) }

    func isReported(_ thread: UInt32) -> Bool { reportedNow.contains(thread) }

    /// The thread has ended, or is watched no more.
    mutating func forget(_ thread: UInt32) {
        blockedAtLastReport.remove(thread)
        reportedNow.remove(thread)
    }

    /// Whether the sample tells nothing of `tick`, which has begun to be settled: the thread had been settled by then.
    func isSettled(in tick: Int64, before record: SampleRecord) -> Bool { lastTick(before: record) >= tick }

    /// The last tick that a thread had been settled in by the time its sample begins.
    private func lastTick(before record: SampleRecord) -> Int64 {
        settlings.last { $0.since <= record.from }?.tick ?? (settlings.first?.tick ?? 1) - 1
    }

    /// A sample has come of a thread: what was open of it is over.  Who ended the wait is told when the thread has come back
    /// from it: at the tick's end it may be in a run queue still, or have had a signal that ended nothing.
    mutating func close(_ thread: inout TrackedThread, with record: SampleRecord) {
        guard let run = thread.openIdleRun else { return }
        thread.openIdleRun = nil
        let last = lastTick(before: record)
        if record.carried == nil { thread.pending.append((run, last)) }
        ends.append(
            IdleRunEnd(
                thread: run, lastTick: last, endOffset: offset(of: record.from, fromEndOf: last),
                waker: record.carried?.waker ?? .pending,
                member: record.carried?.member ?? 0, timedOut: record.carried?.timedOut ?? false))
    }

    /// The thread goes on unwatched.
    mutating func close(_ run: Int64, lastTick: Int64) {
        ends.append(IdleRunEnd(thread: run, lastTick: lastTick, waker: .pending))
    }

    /// A blocked thread that was not reported in the tick has stayed in its wait for all of it.
    ///
    /// - Parameter untold: threads of which a sample that is still to come tells of the tick.
    mutating func open(tick: Int64, _ tasks: inout TaskTable, except untold: Set<UInt32>) {
        for id in blockedAtLastReport where !reportedNow.contains(id) && !untold.contains(id) {
            let run: IdleRun?? = tasks.withThread(id) { thread in
                guard let subject = thread.waiting, thread.openIdleRun == nil else { return nil }
                thread.openIdleRun = thread.version.id
                return IdleRun(
                    thread: thread.version.id, firstTick: tick,
                    beginOffset: offset(of: thread.reportedUntil, fromEndOf: tick - 1), subject: subject)
            }
            if let run = run ?? nil { runs.append(run) }
        }
        blockedAtLastReport = reportedNow.filter { tasks.threads[$0]?.waiting != nil }
        reportedNow = []
    }

    /// Those that began, and those that ended, since the last call.
    mutating func take() -> (runs: [IdleRun], ends: [IdleRunEnd]) {
        defer { (runs, ends) = ([], []) }
        return (runs, ends)
    }
}
