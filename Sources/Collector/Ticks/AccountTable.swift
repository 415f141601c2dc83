import Model
import Netlink

/// Turns the kernel's counters of threads, which count from a thread's beginning, into what each tick added.
struct AccountTable {
    private struct Account {
        /// All that it has had, the present one last.
        var versions: [Int64]
        var tid: UInt32
        /// Nanoseconds since the Unix epoch.
        var started: UInt64
        /// nil: what it had counted when it became a target is not known.
        var last: TaskCounters?
        var asked: Int64 = 0
        var ended: Int64?
    }

    private var accounts: [Int64: Account] = [:]
    private var threadOfVersion: [Int64: Int64] = [:]
    /// Threads that have or had a tid, the oldest first: an id may be given out again within a tick.
    private var threadsOfTID: [UInt32: [Int64]] = [:]
    /// Threads that have run since they were asked for.
    private var due: Set<Int64> = []
    private var exits: [(statistics: TaskStatistics, tick: Int64)] = []
    private var tick: Int64 = 1
    /// End of the tick, nanoseconds since the Unix epoch.
    private var time: UInt64 = 0
    /// Rows since this was last set to 0 whose delays were longer than the thread's life.
    var impossible: UInt64 = 0

    /// Nanoseconds since the Unix epoch from which on the kernel has accounted for delays; nil: it does not.  It does so
    /// only of threads that began since.
    var delaysSince: UInt64?
    /// Queries in a tick: 4 us each.  Who has to wait has all its growth in a later tick.
    var mostQueries = 4096

    /// Threads that became targets while they ran: what they have counted until now is not of the recording.
    mutating func begin(with versions: [ThreadVersion], ask: (UInt32) -> TaskCounters?) {
        for version in versions where note(version) && isOld(version) {
            accounts[version.thread]?.last = ask(version.tid)
        }
    }

    mutating func add(exit: TaskStatistics) { exits.append((exit, tick)) }

    /// - Parameters:
    ///   - batch: its threads, samples and ends.
    ///   - ask: a thread's present counters, nil if it has ended.
    mutating func samples(of batch: TickBatch, ask: (UInt32) -> TaskCounters?) -> [TaskAccountSample] {
        time = batch.tick.time
        for version in batch.threads { note(version) }
        for (version, _) in batch.samples { if let thread = threadOfVersion[version] { due.insert(thread) } }
        for end in batch.ends {
            if let thread = threadOfVersion[end.thread] { accounts[thread]?.ended = tick }
        }
        var samples = takeExits()
        let waiting = due.sorted { (accounts[$0]?.asked ?? 0, $0) < (accounts[$1]?.asked ?? 0, $1) }
        for thread in waiting.prefix(mostQueries) {
            due.remove(thread)
            guard let account = accounts[thread], account.ended == nil, let now = ask(account.tid) else {
                continue
            }
            accounts[thread]?.asked = tick
            accounts[thread]?.last = now
            // Of a thread that was found while it ran, the account begins here.
            guard let last = account.last, now != last else { continue }
            samples.append(sample(account, now.since(last)))
        }
        forgetEnded()
        tick += 1
        return samples
    }

    private mutating func takeExits() -> [TaskAccountSample] {
        var samples: [TaskAccountSample] = []
        var unknown: [(statistics: TaskStatistics, tick: Int64)] = []
        for exit in exits {
            guard let thread = threadsOfTID[exit.statistics.tid]?.first, let account = accounts[thread] else {
                // Of a stranger, or of one whose birth is read with the next tick.
                if exit.tick == tick { unknown.append(exit) }
                continue
            }
            if let last = account.last {
                samples.append(
                    sample(account, exit.statistics.counters.since(last), exitCode: exit.statistics.exitCode))
            }
            // Its own end may be read later than this record of it.
            forget(thread)
        }
        exits = unknown
        return samples
    }

    private mutating func sample(
        _ account: Account, _ counters: TaskCounters, exitCode: Int32? = nil
    ) -> TaskAccountSample {
        var counters = counters
        if account.started < delaysSince ?? .max { counters.delays = nil }
        // Seen on Linux 6.18: a delay from when the host was started on, when the kernel has missed its beginning.
        let life = max(time, account.started) - account.started + 1_000_000_000
        if let delays = counters.delays, delays.longest > life {
            counters.delays = nil
            impossible += 1
        }
        return TaskAccountSample(thread: account.versions.last ?? 0, exitCode: exitCode, counters: counters)
    }

    /// - Returns: whether it is a thread that was not known.
    @discardableResult private mutating func note(_ version: ThreadVersion) -> Bool {
        threadOfVersion[version.id] = version.thread
        if let known = accounts[version.thread] {
            if known.versions.last != version.id { accounts[version.thread]?.versions.append(version.id) }
            if known.tid != version.tid {
                threadsOfTID[known.tid]?.removeAll { $0 == version.thread }
                threadsOfTID[version.tid, default: []].append(version.thread)
                accounts[version.thread]?.tid = version.tid
            }
            return false
        }
        accounts[version.thread] = Account(
            versions: [version.id], tid: version.tid, started: version.started,
            last: isOld(version) ? nil : TaskCounters())
        threadsOfTID[version.tid, default: []].append(version.thread)
        return true
    }

    /// Whether a thread's first version came later than the thread.
    private func isOld(_ version: ThreadVersion) -> Bool { version.since > version.started + 1_000_000 }

    /// An exit record may come a tick after the end, or not at all.
    private mutating func forgetEnded() {
        for (thread, account) in accounts where account.ended ?? tick < tick - 1 { forget(thread) }
    }

    private mutating func forget(_ thread: Int64) {
        guard let account = accounts.removeValue(forKey: thread) else { return }
        due.remove(thread)
        for version in account.versions { threadOfVersion[version] = nil }
        threadsOfTID[account.tid]?.removeAll { $0 == thread }
        if threadsOfTID[account.tid]?.isEmpty == true { threadsOfTID[account.tid] = nil }
    }
}
