import Model
import Recording
import Render

/// Makes snapshots of a recording's stretches; keeps what it knows of the ticks.
struct SnapshotLoader {
    private let recording: Recording
    private var ticks: [Tick] = []
    private(set) var timeline: [UInt64] = []
    /// The recording has its last tick.
    private(set) var isFinished: Bool
    private var idleLooks = 0
    /// When its first tick began, by the clock since boot.
    private var begun: UInt64?

    init(_ recording: Recording) {
        self.recording = recording
        isFinished = recording.isFinished
    }

    /// Looks which ticks there are by now.
    /// - Returns: whether there are new ones.
    mutating func readTicks() throws(RecordingError) -> Bool {
        if try hasLetGo() { ticks = [] }
        if ticks.isEmpty { timeline = [] }
        var filter = Filter()
        filter.from = ticks.last?.time
        let new = try recording.ticks(filter)
        if begun == nil { begun = new.first.map { $0.bootTime - min($0.bootTime, $0.duration) } }
        ticks += new
        timeline += new.map(\.time)
        idleLooks = new.isEmpty ? idleLooks + 1 : 0
        // What was being written when it was opened may have ended since.
        if !isFinished, idleLooks > 2 { isFinished = try Recording.open(recording.path).isFinished }
        return !new.isEmpty
    }

    /// A recording that goes on may keep only what is not too old.
    private func hasLetGo() throws(RecordingError) -> Bool {
        guard !isFinished, let first = ticks.first else { return false }
        var filter = Filter()
        filter.to = first.time
        return try recording.ticks(filter).isEmpty
    }

    /// - Parameters:
    ///   - moment: end of the stretch, ns since the Unix epoch; nil: the newest.
    ///   - window: how many ticks it is long.
    func load(_ moment: UInt64?, window: Int) throws(RecordingError) -> TopSnapshot {
        var snapshot = TopSnapshot()
        snapshot.timeline = timeline
        snapshot.isFinished = isFinished
        guard let newest = ticks.indices.last else { return snapshot }
        let end = moment.map { moment in ticks.lastIndex { $0.time <= moment } ?? 0 } ?? newest
        let begin = max(0, end - max(1, window) + 1)
        snapshot.time = ticks[end].time
        snapshot.duration = ticks[begin...end].reduce(0) { $0 + $1.duration }
        snapshot.elapsed = ticks[end].bootTime - min(ticks[end].bootTime, begun ?? 0)
        var filter = Filter()
        filter.from = begin > 0 ? ticks[begin - 1].time : nil
        filter.to = snapshot.time
        let losses = try recording.losses(filter)
        snapshot.losses = losses.reduce(0) { $0 &+ $1.count }
        try addThreads(to: &snapshot, filter)
        return snapshot
    }

    private func addThreads(to snapshot: inout TopSnapshot, _ filter: Filter) throws(RecordingError) {
        let threads = try recording.threadTotals(filter)
        let groups = WaitGroup.of(try recording.waitTotals(filter), try recording.resources())
        let occupants = try recording.occupantTotals(filter)
        var ids: [UInt32: Int64] = [:]
        // The newest thread of a tid that was used again.
        for thread in threads { ids[thread.tid] = max(ids[thread.tid] ?? 0, thread.thread) }
        var waits: [Int64: [WaitView]] = [:]
        var blocked: [Int64: BlockedTimes] = [:]
        for group in groups {
            let view = WaitView(group, wakerThread: group.wait.wakerTID.flatMap { ids[$0] })
            waits[group.wait.thread, default: []].append(view)
            blocked[group.wait.thread, default: BlockedTimes()][view.kind] &+= view.total
        }
        var queues: [Int64: [OccupantView]] = [:]
        var sums: [String: UInt64] = [:]
        for occupant in occupants {
            let view = OccupantView(name: occupant.summary, total: occupant.total)
            queues[occupant.thread, default: []].append(view)
            sums[view.name, default: 0] &+= view.total
        }
        snapshot.threads = threads.map { thread in
            ThreadView(
                thread: thread.thread, process: thread.process, pid: thread.pid, tid: thread.tid,
                comm: thread.comm, processComm: thread.processComm, sample: thread.sample,
                blocked: blocked[thread.thread] ?? BlockedTimes(), waits: waits[thread.thread] ?? [],
                occupants: queues[thread.thread] ?? [])
        }
        snapshot.occupants = sums.map { OccupantView(name: $0.key, total: $0.value) }
            .sorted { ($1.total, $0.name) < ($0.total, $1.name) }
    }
}

extension WaitView {
    init(_ group: WaitGroup, wakerThread: Int64?) {
        self.init(
            subject: group.subject, waker: WaitGroup.waker(group.wait), wakerThread: wakerThread,
            kind: BlockedKind(wait: group.wait.kind), count: group.wait.count, total: group.wait.total,
            longest: group.wait.longest, lengths: group.wait.lengths)
    }
}

extension OccupantTotal {
    /// `worker/123`, `cpu quota of /a.slice`, `the way onto an idle CPU`
    fileprivate var summary: String {
        switch kind {
        case "latency": "the way onto an idle CPU"
        case "quota": "CPU quota of \(cgroup ?? "?")"
        case "stolen": "the hypervisor"
        case "thread": "\(occupantComm ?? "?")/\(occupantTID ?? occupantPID ?? 0)"
        default: kind
        }
    }
}
