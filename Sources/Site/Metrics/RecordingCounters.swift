import Model
import Recording

/// What a recording has counted since this site first looked at it, for Prometheus.
struct RecordingCounters {
    struct ThreadLabel: Hashable {
        var pid, tid: String
        var process, thread: String
    }
    struct WaitLabel: Hashable {
        var process, kind, resource: String
    }
    struct OccupantLabel: Hashable {
        var kind, occupant: String
    }
    struct BlockLabel: Hashable {
        var device, operation: String
    }

    /// The states of threads, in the order in which their seconds are kept.
    static let stateNames = ["on_cpu", "waking", "run_queue", "blocked"]

    /// Seconds in each state.
    private(set) var threads = SlotCounters<ThreadLabel>(limit: 20, metrics: stateNames.count)
    /// Seconds, and waits that ended.
    private(set) var waits = SlotCounters<WaitLabel>(limit: 40, metrics: 2)
    /// Seconds.
    private(set) var occupants = SlotCounters<OccupantLabel>(limit: 20, metrics: 1)
    /// Seconds at the device and in its queue, requests, bytes.
    private(set) var block = SlotCounters<BlockLabel>(limit: 40, metrics: 4)
    private(set) var states = [Double](repeating: 0, count: stateNames.count)
    private(set) var losses: [String: Double] = [:]
    private(set) var watched: Double = 0
    private(set) var threadCount = 0
    private(set) var lastTick: UInt64 = 0

    /// How much of a recording that is there already is counted at first, ns.
    private static let first: UInt64 = 60_000_000_000

    /// Counts the ticks that have come since the last time.
    mutating func update(_ recording: Recording) throws(RecordingError) {
        guard let newest = try recording.lastTickTime(), newest > lastTick else { return }
        var filter = Filter()
        filter.from = lastTick == 0 ? newest - min(newest, Self.first) : lastTick
        filter.to = newest
        let ticks = try recording.ticks(filter)
        watched += ticks.reduce(0) { $0 + Double($1.duration) / 1e9 }
        addThreads(try recording.threadTotals(filter))
        addWaits(try recording.waitTotals(filter), try recording.resources())
        addOccupants(try recording.occupantTotals(filter))
        addBlock(try recording.blockTotals(filter))
        for loss in try recording.losses(filter) { losses[loss.what, default: 0] += Double(loss.count) }
        if let last = ticks.last {
            filter.from = last.time - min(last.time, 1)
            threadCount = try recording.threadTotals(filter).count
        }
        lastTick = newest
    }

    private mutating func addThreads(_ totals: [ThreadTotal]) {
        var more: [ThreadLabel: [Double]] = [:]
        for total in totals {
            let sample = total.sample
            let values = [
                sample.onCPU, sample.waking, sample.runQueue, sample.interruptible + sample.uninterruptible,
            ].map { Double($0) / 1e9 }
            for state in states.indices { states[state] += values[state] }
            let label = ThreadLabel(
                pid: "\(total.pid)", tid: "\(total.tid)", process: total.processComm, thread: total.comm)
            more.add(values, to: label)
        }
        threads.add(more) { ($0[0] + $0[1] + $0[2]) * 1_000 + $0[3] }
    }

    private mutating func addWaits(_ totals: [WaitTotal], _ resources: [Int64: ResourceRow]) {
        var more: [WaitLabel: [Double]] = [:]
        for total in totals {
            let id = total.memberID == 0 ? total.resourceID : total.memberID
            let name = resources[id]?.group ?? total.member ?? total.resource ?? total.device ?? ""
            more.add(
                [Double(total.total) / 1e9, Double(total.count)],
                to: WaitLabel(process: total.processComm, kind: total.kind, resource: name))
        }
        waits.add(more) { $0[0] }
    }

    private mutating func addOccupants(_ totals: [OccupantTotal]) {
        var more: [OccupantLabel: [Double]] = [:]
        for total in totals {
            let who = total.kind == "quota" ? total.cgroup ?? "" : total.occupantComm ?? ""
            more.add([Double(total.total) / 1e9], to: OccupantLabel(kind: total.kind, occupant: who))
        }
        occupants.add(more) { $0[0] }
    }

    private mutating func addBlock(_ totals: [BlockTotal]) {
        var more: [BlockLabel: [Double]] = [:]
        for total in totals {
            more.add(
                [
                    Double(total.deviceTotal) / 1e9, Double(total.queueTotal) / 1e9, Double(total.requests),
                    Double(total.bytes),
                ], to: BlockLabel(device: total.device, operation: total.operation))
        }
        block.add(more) { $0[2] }
    }
}

extension Dictionary where Value == [Double] {
    fileprivate mutating func add(_ values: [Double], to key: Key) {
        guard let known = self[key] else {
            self[key] = values
            return
        }
        self[key] = zip(known, values).map { $0 + $1 }
    }
}
