import Model

/// A thread whose time is that of the people who wait for the application.
public struct EntryThread: Sendable, Equatable {
    /// Index into ``Evidence/threads``.
    public var thread: Int32
    public var service: Service
    /// Nanoseconds of the slices that were seen.
    public var seen: UInt64
    public var idle: UInt64
    public var onCPU: UInt64
    /// Pieces of work that began.
    public var units: Int
}

/// Finds the threads that take work from outside of the tracked group, and accounts for their time.
///
/// Those are the threads of the processes that were asked for which read from connections that came in from others.  A
/// thread that such a one hands work to is one of them (a pool's worker) if its waits go back to the clients.  Where
/// nobody takes work from connections, each thread that ran counts: what it does is the work.
struct EntryThreads {
    private let evidence: Evidence
    private let clientWaits: ClientWaits
    private let start: UInt64
    private let width: UInt64
    private(set) var threads: [EntryThread] = []
    private(set) var ledger: Ledger

    /// Of what a worker does, the threads that hand it work wait for less than this share.
    private static let waitedFor = 0.3

    /// - Parameter chosen: the user's own choice, indices of threads; nil to find them.
    init(_ evidence: Evidence, chosen: [Int32]?, start: UInt64, width: UInt64) {
        self.evidence = evidence
        clientWaits = ClientWaits(evidence)
        self.start = start
        self.width = width
        ledger = Ledger(start: start, width: width)
        if let chosen {
            for thread in chosen { add(thread, clientWaits.serves[Int(thread)] ? .connections : .itself) }
            return
        }
        let direct = directThreads()
        for thread in direct { add(thread, .connections) }
        guard direct.isEmpty else {
            for thread in PoolWorkers(evidence, clientWaits, direct: Set(direct)).threads {
                add(thread, .pool)
            }
            return
        }
        for thread in evidence.threads.indices where evidence.threads[thread].isRoot && hasRun(Int32(thread))
        {
            add(Int32(thread), .itself)
        }
    }

    private mutating func add(_ thread: Int32, _ service: Service) {
        var account = ThreadAccount(evidence, clientWaits, start: start, width: width)
        let its = account.account(for: thread, service)
        guard account.seen > 0 else { return }
        if service == .pool {
            // Who hands work on and then waits for it has it in its own account.
            let worked = Double(account.seen - account.idle)
            if account.units == 0 || Double(ledger.time(through: thread)) > worked * Self.waitedFor { return }
        }
        threads.append(
            EntryThread(
                thread: thread, service: service, seen: account.seen, idle: account.idle,
                onCPU: account.onCPU,
                units: account.units))
        ledger.add(its)
    }

    /// Threads of root processes that take work from connections, most of it not from one another.
    private func directThreads() -> [Int32] {
        var outside = Array(repeating: 0, count: evidence.threads.count)
        var inside = outside
        for spell in evidence.spells where evidence.threads[Int(spell.thread)].isRoot {
            guard clientWaits.serves[Int(spell.thread)], clientWaits.contains(spell) else { continue }
            let isInside = spell.wakerThread >= 0 && evidence.threads[Int(spell.wakerThread)].isRoot
            if isInside { inside[Int(spell.thread)] += 1 } else { outside[Int(spell.thread)] += 1 }
        }
        return evidence.threads.indices.filter {
            outside[$0] > 0 && outside[$0] >= inside[$0] && hasRun(Int32($0))
        }.map(Int32.init)
    }

    /// Whether the thread did anything but stay in one wait all the time, if not for a lock that somebody holds.
    private func hasRun(_ thread: Int32) -> Bool {
        let range = evidence.ranges[Int(thread)]
        guard let first = range.first else { return true }
        return range.count > 1 || !evidence.spells[first].isOpen(evidence)
            || evidence.spells[first].left > start || evidence.heldLocks[thread] != nil
    }
}
