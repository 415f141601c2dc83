import Model
import Recording

/// A recording as a timeline: what each thread did when, and who woke it.
public struct TimelineExport {
    /// A thread and the track that it has.
    private struct Thread {
        var row: ThreadRow
        var timeline: ThreadTimeline
        /// What woke it, until the stretch is shown in which the arrow from there ends.
        var wakeup: Wakeup?
    }

    private struct Wakeup {
        var time: UInt64
        /// Of the waker.
        var track: UInt64
    }

    private let recording: Recording
    private let filter: Filter
    private let slices: [IntervalSlice]
    private let resources: [Int64: ResourceRow]
    private let stretch: Range<UInt64>
    private let calls: [Int: String]
    private var threads: [Int64: Thread] = [:]
    private var flows: UInt64 = 0

    /// - Parameter filter: by time, threads and processes.
    /// - Throws: ``ExportError/filterDoesNotApply(parts:to:)``, ``ExportError/nothingToShow(reason:)``,
    ///   `RecordingError`.
    public init(_ recording: Recording, _ filter: Filter) throws {
        let ignored = filter.choices.subtracting([.time, .process, .thread])
        guard ignored.isEmpty else {
            throw ExportError.filterDoesNotApply(parts: ignored.map(\.rawValue).sorted(), to: "a timeline")
        }
        let ticks = try recording.ticks(filter)
        guard let first = ticks.first, let last = ticks.last else {
            throw ExportError.nothingToShow(
                reason: "there is no tick in this stretch: give another --from or --to")
        }
        let begin = first.time - min(first.time, first.duration)
        stretch = begin..<max(begin, last.time)
        slices = try recording.intervalSlices(in: stretch)
        guard !slices.isEmpty else {
            throw ExportError.nothingToShow(
                reason:
                    "a timeline needs single spells, and this stretch has none: record without --intervals off"
            )
        }
        self.recording = recording
        self.filter = filter
        resources = try recording.resources()
        calls = Dictionary(Syscalls.all.map { ($0.number, $0.name) }, uniquingKeysWith: { first, _ in first })
    }

    /// Writes a trace in Perfetto's own format.
    public mutating func writePerfetto(to file: ExportFile) throws {
        let ticks = try recording.ticks(filter)
        guard let first = ticks.first else { return }
        let trace = try PerfettoTrace(to: file, realtime: first.time, boottime: first.bootTime)
        try describeTracks(trace)
        var spells = try recording.intervalCursor(filter)
        while let spell = try spells.next() { try add(spell, trace) }
        try addRest(trace)
    }

    private mutating func describeTracks(_ trace: PerfettoTrace) throws {
        let chosen = try recording.threadIDs(filter)
        var begins: [Int64: UInt64] = [:]
        var latest: [Int64: ThreadRow] = [:]
        for row in try recording.threads() where chosen.contains(row.version.thread) {
            let thread = row.version.thread
            begins[thread] = min(begins[thread] ?? UInt64.max, row.version.since)
            latest[thread] = row
        }
        var processes: [Int64: ProcessVersion] = [:]
        var pids: [Int64: UInt32] = [:]
        for row in try recording.processes() {
            processes[row.version.process] = row.version
            pids[row.version.id] = row.version.pid
        }
        let shown = Set(latest.values.compactMap { row in pids[row.version.process] })
        for (id, process) in processes.sorted(by: { $0.key < $1.key }) where shown.contains(process.pid) {
            try trace.describe(process: process.pid, process.comm, track: UInt64(bitPattern: id) << 1)
        }
        for (id, row) in latest.sorted(by: { $0.key < $1.key }) {
            guard let pid = pids[row.version.process] else { continue }
            try trace.describe(thread: row.version.tid, row.version.comm, of: pid, track: Self.track(id))
            let from = max(begins[id] ?? 0, stretch.lowerBound)
            threads[id] = Thread(row: row, timeline: ThreadTimeline(from: from, slices))
        }
    }

    /// Numbers of threads' tracks are odd, those of processes' even.
    private static func track(_ thread: Int64) -> UInt64 { UInt64(bitPattern: thread) << 1 | 1 }

    private mutating func add(_ spell: Interval, _ trace: PerfettoTrace) throws {
        guard var thread = threads[spell.thread] else { return }
        let track = Self.track(spell.thread)
        for stretch in thread.timeline.add(spell, slices) {
            try trace.slice(
                FlameState.onCPU.title, "on-cpu", stretch, track: track,
                endOfFlow: try flow(to: &thread, trace))
        }
        // Where that stretch is not known, the arrow has no end.
        thread.wakeup = nil
        if let wait = spell.wait {
            try trace.slice(
                wait.kind.name, "blocked", spell.left..<max(spell.left, spell.woken), track: track,
                notes: notes(spell, wait))
            if spell.waker.kind == .thread, threads[spell.wakerThread] != nil {
                thread.wakeup = Wakeup(time: spell.woken, track: Self.track(spell.wakerThread))
            }
        }
        if spell.woken < spell.queued {
            try trace.slice(
                "waking", "waking", spell.woken..<spell.queued, track: track,
                endOfFlow: try flow(to: &thread, trace))
        }
        if spell.queued < spell.ran {
            try trace.slice(
                FlameState.runQueue.title, "run-queue", spell.queued..<spell.ran, track: track,
                notes: Self.notes(spell.occupant), endOfFlow: try flow(to: &thread, trace))
        }
        threads[spell.thread] = thread
    }

    /// Begins the arrow from what woke a thread, if that is not shown yet.
    /// - Returns: its number.
    private mutating func flow(to thread: inout Thread, _ trace: PerfettoTrace) throws -> UInt64? {
        guard let wakeup = thread.wakeup else { return nil }
        thread.wakeup = nil
        flows += 1
        try trace.instant(
            "wakes \(thread.row.version.comm)/\(thread.row.version.tid)", "wakeup", wakeup.time,
            track: wakeup.track, beginOfFlow: flows)
        return flows
    }

    /// What threads did after their last spell.  Of those that a recording without an end shows asleep, that is not known.
    private mutating func addRest(_ trace: PerfettoTrace) throws {
        guard recording.isFinished else { return }
        for (id, var thread) in threads {
            let end = min(thread.row.ended ?? UInt64.max, stretch.upperBound)
            for stretch in thread.timeline.onCPU(until: end, slices) {
                try trace.slice(FlameState.onCPU.title, "on-cpu", stretch, track: Self.track(id))
            }
        }
    }

    private func notes(_ spell: Interval, _ wait: WaitSubject) -> [(name: String, value: String)] {
        var notes: [(name: String, value: String)] = []
        if let resource = resources[wait.resource] { notes.append(("resource", resource.name)) }
        if let member = resources[spell.member] { notes.append(("member", member.name)) }
        if wait.direction != .none { notes.append(("direction", wait.direction.name)) }
        if let call = calls[Int(wait.syscall)] { notes.append(("system call", call)) }
        if wait.isUninterruptible { notes.append(("uninterruptible", "yes")) }
        if spell.timedOut { notes.append(("timed out", "yes")) }
        let waker = spell.waker
        notes.append(
            (
                "ended by",
                waker.kind == .thread ? "\(waker.comm)/\(waker.tid) of \(waker.pid)" : waker.kind.name
            ))
        return notes
    }

    private static func notes(_ occupant: Occupant?) -> [(name: String, value: String)] {
        guard let occupant else { return [] }
        guard occupant.kind == .thread else { return [("had the CPU", occupant.kind.name)] }
        return [("had the CPU", "\(occupant.comm)/\(occupant.tid) of \(occupant.pid)")]
    }
}
