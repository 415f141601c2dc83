import GRDB
import Model

extension Recording {
    /// What each thread did over the filter's stretch, those with the most time on or waiting for a CPU first.
    public func threadTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [ThreadTotal] {
        let sums = try read { db in
            let selection = try Selection(filter, db)
            var sums = ThreadSums(selection)
            try sums.addSamples(filter, db)
            try sums.addIdleRuns(db)
            return sums
        }
        return sums.totals.sorted { left, right in
            let (busyLeft, busyRight) = (
                left.sample.onCPU &+ left.sample.runQueue, right.sample.onCPU &+ right.sample.runQueue
            )
            if busyLeft != busyRight { return busyLeft > busyRight }
            if left.sample.alive != right.sample.alive { return left.sample.alive > right.sample.alive }
            return left.thread < right.thread
        }
    }
}

/// Sums of samples and idle runs by thread.
private struct ThreadSums {
    private struct Sum {
        /// The latest version that had a row.
        var version: Int64 = 0
        var sample = ThreadSample()
        var bursts = HistogramAccumulator()
        var wakeGaps = HistogramAccumulator()
        var wakings = HistogramAccumulator()
        var runQueues = HistogramAccumulator()
        var ticks = 0
        var largestDeviation: Double = 0
    }

    private let selection: Selection
    private var sums: [Int64: Sum] = [:]

    init(_ selection: Selection) { self.selection = selection }

    var totals: [ThreadTotal] {
        sums.map { thread, sum in
            let version = selection.versions[sum.version]
            var sample = sum.sample
            sample.burstLengths = sum.bursts.histogram
            sample.wakeGapLengths = sum.wakeGaps.histogram
            sample.wakingLengths = sum.wakings.histogram
            sample.runQueueLengths = sum.runQueues.histogram
            return ThreadTotal(
                process: version?.process ?? 0, thread: thread, pid: version?.pid ?? 0,
                tid: version?.tid ?? 0, comm: version?.comm ?? "", processComm: version?.processComm ?? "",
                cgroup: version?.cgroup ?? "", container: version?.container ?? "", sample: sample,
                ticks: sum.ticks, largestDeviation: sum.largestDeviation)
        }
    }

    mutating func addSamples(_ filter: Filter, _ db: Database) throws {
        let source = selection.source("thread_samples", filter)
        let rows = try Row.fetchCursor(db, sql: "SELECT r.* \(source.sql)", arguments: source.arguments)
        while let row = try rows.next() {
            let id = row.integer(at: 1)
            let version = selection.versions[id]
            if version == nil, selection.isSelective { continue }
            Self.add(row, id, to: &sums[version?.thread ?? 0, default: Sum()])
        }
    }

    /// Columns in the order of the table `thread_samples`.
    private static func add(_ row: Row, _ version: Int64, to sum: inout Sum) {
        sum.version = max(sum.version, version)
        sum.ticks += 1
        let alive = row.unsigned(at: 2)
        let (onCPU, waking, runQueue) = (row.unsigned(at: 3), row.unsigned(at: 4), row.unsigned(at: 5))
        let (interruptible, uninterruptible) = (row.unsigned(at: 6), row.unsigned(at: 7))
        sum.sample.alive &+= alive
        sum.sample.onCPU &+= onCPU
        sum.sample.waking &+= waking
        sum.sample.runQueue &+= runQueue
        sum.sample.interruptible &+= interruptible
        sum.sample.uninterruptible &+= uninterruptible
        let accounted = onCPU &+ waking &+ runQueue &+ interruptible &+ uninterruptible
        if accounted != alive {
            let difference = Double(accounted > alive ? accounted - alive : alive - accounted)
            sum.largestDeviation = max(sum.largestDeviation, difference / Double(max(alive, 1)))
        }
        sum.sample.ioWait &+= row.unsigned(at: 8)
        sum.sample.voluntarySwitches &+= row.unsigned(at: 9)
        sum.sample.involuntarySwitches &+= row.unsigned(at: 10)
        sum.sample.wakeups &+= row.unsigned(at: 11)
        sum.sample.migrations &+= row.unsigned(at: 12)
        sum.sample.minorFaults &+= row.unsigned(at: 13)
        sum.sample.majorFaults &+= row.unsigned(at: 14)
        sum.sample.bursts &+= row.unsigned(at: 15)
        sum.sample.burstTotal &+= row.unsigned(at: 16)
        sum.sample.longestBurst = max(sum.sample.longestBurst, row.unsigned(at: 17))
        if let text = row.text(at: 18) { sum.bursts.add(json: text) }
        sum.sample.wakeGaps &+= row.unsigned(at: 19)
        sum.sample.wakeGapTotal &+= row.unsigned(at: 20)
        if let text = row.text(at: 21) { sum.wakeGaps.add(json: text) }
        sum.sample.kernelOnCPU &+= row.unsigned(at: 22)
        sum.sample.kernelRunQueue &+= row.unsigned(at: 23)
        sum.sample.stolen &+= row.unsigned(at: 24)
        sum.sample.runQueues &+= row.unsigned(at: 25)
        sum.sample.longestRunQueue = max(sum.sample.longestRunQueue, row.unsigned(at: 26))
        if let text = row.text(at: 27) { sum.runQueues.add(json: text) }
        sum.sample.wakings &+= row.unsigned(at: 28)
        sum.sample.longestWaking = max(sum.sample.longestWaking, row.unsigned(at: 29))
        if let text = row.text(at: 30) { sum.wakings.add(json: text) }
        sum.sample.waitsWithoutWaker &+= row.unsigned(at: 31)
        sum.sample.missedSwitches &+= row.unsigned(at: 32)
    }

    mutating func addIdleRuns(_ db: Database) throws {
        let offsets = try Schema.idleOffsets(db)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.thread, r.first_tick, r.last_tick, r.flags, \(offsets.begin), \(offsets.end)
                FROM idle_runs r
                """)
        while let row = try rows.next() {
            let id = row.integer(at: 0)
            let version = selection.versions[id]
            if version == nil, selection.isSelective { continue }
            let last = row.optionalInteger(at: 2)
            let time = selection.time(
                from: row.integer(at: 1), to: last, beginOffset: row.integer(at: 4),
                endOffset: row.integer(at: 5))
            guard time.ticks > 0 else { continue }
            let flags = row.integer(at: 3)
            var sum = sums[version?.thread ?? 0] ?? Sum()
            sum.version = max(sum.version, id)
            sum.ticks += time.ticks
            sum.sample.alive &+= time.duration
            if flags & 1 != 0 {
                sum.sample.uninterruptible &+= time.duration
            } else {
                sum.sample.interruptible &+= time.duration
            }
            if flags & 2 != 0 { sum.sample.ioWait &+= time.duration }
            sums[version?.thread ?? 0] = sum
        }
    }
}
