import Model
import Netlink
import Probes
import ProcFS

/// Threads of targets as /proc and exit records show them, and what each tick adds to their totals.
struct TotalsTable {
    enum Event {
        case birth(KernelEvent.Birth)
        case living(SampleRecord)
        case ended(SampleRecord)
        case renamed(thread: UInt32, comm: String)
    }

    /// What a look at a living thread found.
    struct Look {
        var pid, tid, parent: UInt32
        var comm: String
        var started: UInt64
        var totals: Totals
    }

    /// Since the thread began.
    struct Totals {
        var onCPU: UInt64 = 0
        var runDelay: UInt64 = 0
        var voluntary: UInt64 = 0
        var involuntary: UInt64 = 0
    }

    private struct Known {
        var id: UInt32
        var pid: UInt32
        var comm: String
        var from: UInt64
        var last: Totals
    }

    private let proc: ProcTree
    private let followsChildren: Bool
    private let own: UInt32
    private var threads: [UInt32: Known] = [:]
    private var lastID: UInt32 = 0
    /// Targets, and those that ended in this tick: their children are targets.
    private var processes: Set<UInt32> = []

    init(proc: ProcTree, followsChildren: Bool, own: UInt32) {
        self.proc = proc
        self.followsChildren = followsChildren
        self.own = own
    }

    /// Of threads that were alive at the last look, and whose end is still to be told.
    var ids: Set<UInt32> { Set(threads.values.map(\.id)) }

    /// Whether any target runs; one that is only waited for does not.
    var hasLiving: Bool { processes.contains { proc.stat($0).map { !$0.isDead } ?? false } }

    /// A process that ran before: what its threads have used until now is not of the recording.
    mutating func add(_ pid: UInt32, at now: UInt64, _ receive: (KernelEvent.Birth) -> Void) {
        processes.insert(pid)
        for tid in proc.tids(of: pid) {
            guard let look = look(tid, in: pid), threads[tid] == nil else { continue }
            receive(begin(look, at: now, reason: .adopted, last: look.totals))
        }
    }

    /// A process that has just been started: all that it uses is of the recording.
    mutating func begin(_ pid: UInt32, at now: UInt64, _ receive: (KernelEvent.Birth) -> Void) {
        processes.insert(pid)
        guard let look = look(pid, in: pid) else { return }
        receive(
            begin(look, at: min(now, max(look.started, now - 1_000_000)), reason: .spawned, last: Totals()))
    }

    /// All living threads of targets, of processes that have become targets too.
    mutating func look(at now: UInt64) -> [Look] {
        if followsChildren {
            let snapshot = proc.snapshot()
            for pid in processes { processes.formUnion(snapshot.descendants(of: pid, excluding: [own])) }
        }
        return look(in: processes)
    }

    /// Living threads of processes, whether they are targets or not.
    func look(in processes: Set<UInt32>) -> [Look] {
        processes.sorted().flatMap { pid in proc.tids(of: pid).compactMap { look($0, in: pid) } }
    }

    /// Targets of which threads have ended: others of their threads may have begun after the last look at the living, and
    /// so may whole processes, which are targets only by what exit records say of them.
    func foundByExit(_ exits: [TaskStatistics]) -> Set<UInt32> {
        var found: Set<UInt32> = []
        var before = -1
        while before != found.count {
            before = found.count
            for exit in exits where exit.pid != own {
                if isTarget(exit) || (followsChildren && found.contains(exit.parentPID)) {
                    found.insert(exit.pid)
                }
            }
        }
        return found
    }

    /// What happened from one tick to the next, births before samples.
    mutating func events(
        living: [Look], exits: [TaskStatistics], from: UInt64, to: UInt64
    ) -> [Event] {
        var events: [Event] = []
        var exited: [(statistics: TaskStatistics, known: Known)] = []
        var rest = exits
        // A grandchild may come before the child that makes it a target.
        var before = -1
        while before != rest.count {
            before = rest.count
            rest = rest.filter { exit in
                if let known = threads.removeValue(forKey: exit.tid), known.pid == exit.pid || exit.pid == 0 {
                    exited.append((exit, known))
                    return false
                }
                guard exit.pid != own, isTarget(exit) else { return true }
                processes.insert(exit.pid)
                let began = max(from, to - min(to, exit.elapsed))
                events.append(
                    .birth(begin(Look(exit, started: began), at: began, reason: .forked, last: Totals())))
                if let known = threads.removeValue(forKey: exit.tid) { exited.append((exit, known)) }
                return false
            }
        }
        let ended = Set(exited.map(\.statistics.tid))
        for look in living where !ended.contains(look.tid) {
            if threads[look.tid] == nil {
                events.append(
                    .birth(begin(look, at: min(max(from, look.started), to), reason: .forked, last: Totals()))
                )
            }
            guard let known = threads[look.tid] else { continue }
            if known.comm != look.comm { events.append(.renamed(thread: known.id, comm: look.comm)) }
            events.append(.living(record(known, look.tid, look.totals, to: to)))
            threads[look.tid]?.last = look.totals
            threads[look.tid]?.from = to
            threads[look.tid]?.comm = look.comm
        }
        for (exit, known) in exited {
            let totals = Totals(exit)
            events.append(.ended(record(known, exit.tid, totals, to: to, exitCode: exit.exitCode)))
        }
        // Without a record of their end, because those were lost.
        let present = Set(living.map(\.tid))
        threads = threads.filter { present.contains($0.key) }
        processes = processes.filter { !proc.tids(of: $0).isEmpty }
        return events
    }

    private func isTarget(_ exit: TaskStatistics) -> Bool {
        processes.contains(exit.pid) || (followsChildren && processes.contains(exit.parentPID))
    }

    private mutating func begin(
        _ look: Look, at time: UInt64, reason: KernelEvent.Birth.Reason, last: Totals
    ) -> KernelEvent.Birth {
        lastID += 1
        threads[look.tid] = Known(id: lastID, pid: look.pid, comm: look.comm, from: time, last: last)
        var birth = KernelEvent.Birth(thread: lastID, pid: look.pid, tid: look.tid, at: time, comm: look.comm)
        birth.parentPID = look.parent
        birth.reason = reason
        if reason == .adopted { (birth.started, birth.processStarted) = (look.started, look.started) }
        return birth
    }

    private func record(
        _ known: Known, _ tid: UInt32, _ totals: Totals, to: UInt64, exitCode: Int32? = nil
    ) -> SampleRecord {
        func growth(_ now: UInt64, _ before: UInt64) -> UInt64 { now > before ? now - before : 0 }
        let from = min(known.from, to)
        var sample = ThreadSample()
        sample.kernelOnCPU = growth(totals.onCPU, known.last.onCPU)
        sample.kernelRunQueue = growth(totals.runDelay, known.last.runDelay)
        // The kernel brings its sums up to date at its own moments: they can be ahead of the clock by a little.
        sample.alive = to - from
        sample.onCPU = min(sample.kernelOnCPU, sample.alive)
        sample.runQueue = min(sample.kernelRunQueue, sample.alive - sample.onCPU)
        sample.interruptible = sample.alive - sample.onCPU - sample.runQueue
        sample.voluntarySwitches = growth(totals.voluntary, known.last.voluntary)
        sample.involuntarySwitches = growth(totals.involuntary, known.last.involuntary)
        return SampleRecord(
            thread: known.id, pid: known.pid, tid: tid, from: from, to: to, sample: sample, exitCode: exitCode
        )
    }

    private func look(_ tid: UInt32, in pid: UInt32) -> Look? {
        guard let stat = proc.stat(ofThread: tid, in: pid), stat.state != "Z", stat.state != "X",
            let sched = proc.schedStat(ofThread: tid, in: pid),
            let status = proc.status(ofThread: tid, in: pid)
        else { return nil }
        return Look(
            pid: pid, tid: tid, parent: stat.parentPID, comm: stat.comm, started: stat.started,
            totals: Totals(
                onCPU: sched.onCPU, runDelay: sched.runDelay, voluntary: status.voluntarySwitches,
                involuntary: status.involuntarySwitches))
    }
}

extension TotalsTable.Look {
    init(_ exit: TaskStatistics, started: UInt64) {
        self.init(
            pid: exit.pid, tid: exit.tid, parent: exit.parentPID, comm: exit.comm, started: started,
            totals: TotalsTable.Totals(exit))
    }
}

extension TotalsTable.Totals {
    init(_ exit: TaskStatistics) {
        let counters = exit.counters
        // What a thread has run since its last timer interrupt is not in it yet.  The times of times(2) would have it,
        // but are counted in whole interrupts, which can be a third too much on a busy host.
        self.init(
            onCPU: counters.runVirtual, runDelay: counters.cpu.total, voluntary: counters.voluntary,
            involuntary: counters.involuntary)
    }
}
