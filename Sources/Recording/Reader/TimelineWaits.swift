import GRDB
import Model

/// Waits by bins of time, thread, subject and waker.
struct TimelineWaits {
    private struct Found {
        var key: WaitKey
        var version: Int64 = 0
        var longest: UInt64 = 0
        var values: [BinValue] = []
        var stretches: [(stretch: UInt32, sum: HistogramAccumulator)] = []
    }

    private let selection: Selection
    private let axis: BinAxis
    private let histogramBins: UInt32
    private var index: [WaitKey: Int] = [:]
    private var found: [Found] = []

    init(_ selection: Selection, _ axis: BinAxis, histogramBins: Int) {
        (self.selection, self.axis) = (selection, axis)
        self.histogramBins = UInt32(clamping: max(1, histogramBins))
    }

    private static let columns =
        "thread, kind, syscall, direction, flags, resource, waker, timed_out, member, device"

    mutating func load(_ db: Database) throws -> [TimelineWait] {
        try RawRows(
            db, "SELECT \(Self.columns), tick, count, total_ns, max_ns, histogram FROM wait_samples"
        ).forEach([]) { row in
            guard let bin = axis.bin(of: row.integer(10)), let place = place(of: row) else { return }
            found[place].values.add(row.unsigned(12), count: row.unsigned(11), bin: bin)
            found[place].longest = max(found[place].longest, row.unsigned(13))
            let text = row.text(14)
            if text.utf8.count > 2 { add(text, bin / histogramBins, to: place) }
        }
        let offsets = try Schema.idleOffsets(db)
        try RawRows(
            db,
            """
            SELECT \(Self.columns), first_tick, ifnull(last_tick, 9223372036854775807),
                \(offsets.begin), \(offsets.end)
            FROM idle_runs r
            """
        ).forEach([]) { row in
            guard let place = place(of: row) else { return }
            axis.add(
                row.integer(10), row.integer(11), beginOffset: row.integer(12), endOffset: row.integer(13),
                to: &found[place].values)
        }
        let names = try WaitNames(db)
        return found.map { wait($0, names) }
    }

    private mutating func add(_ histogram: String, _ stretch: UInt32, to place: Int) {
        let last = found[place].stretches.count - 1
        if last >= 0, found[place].stretches[last].stretch == stretch {
            found[place].stretches[last].sum.add(json: histogram)
        } else {
            var sum = HistogramAccumulator()
            sum.add(json: histogram)
            found[place].stretches.append((stretch, sum))
        }
    }

    /// nil if nothing is known of the thread.
    private mutating func place(of row: RawRows.Columns) -> Int? {
        let id = row.integer(0)
        guard let version = selection.versions[id] else { return nil }
        let key = WaitKey(
            thread: version.thread, resource: row.integer(5), waker: row.integer(6), member: row.integer(8),
            device: row.integer(9), kind: Int32(clamping: row.integer(1)),
            syscall: Int32(clamping: row.integer(2)), direction: Int8(clamping: row.integer(3)),
            uninterruptible: Int8(row.integer(4) & 1), timedOut: Int8(clamping: row.integer(7)))
        let place = index[key] ?? found.count
        if place == found.count {
            index[key] = place
            found.append(Found(key: key))
        }
        found[place].version = max(found[place].version, id)
        return place
    }

    private func wait(_ found: Found, _ names: WaitNames) -> TimelineWait {
        let values = found.values.merged
        var total = names.total(of: found.key, by: selection.versions[found.version])
        total.count = values.reduce(0) { $0 + UInt64($1.count) }
        total.total = values.reduce(0) { $0 &+ $1.value }
        total.longest = found.longest
        return TimelineWait(
            wait: total, values: values, lengths: found.stretches.map { ($0.stretch, $0.sum.histogram) })
    }
}
