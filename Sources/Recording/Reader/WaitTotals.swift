import GRDB
import Model

extension Recording {
    /// The waits of each thread over the filter's stretch, summed by subject and waker, longest total first.
    ///
    /// With ``Filter/minimumShare``, only those that make up that share of their thread's time alive.
    public func waitTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [WaitTotal] {
        var totals = try read { db in
            var sums = WaitSums(try Selection(filter, db))
            try sums.addSamples(filter, db)
            try sums.addIdleRuns(filter, db)
            return try sums.totals(db)
        }
        if filter.minimumShare > 0 {
            let threads = try threadTotals(filter)
            let alive = Dictionary(
                threads.map { ($0.thread, Double($0.sample.alive)) }, uniquingKeysWith: { first, _ in first })
            totals.removeAll { Double($0.total) < filter.minimumShare * (alive[$0.thread] ?? 0) }
        }
        return totals.sorted { left, right in
            left.total != right.total ? left.total > right.total : left.thread < right.thread
        }
    }
}

/// Sums of wait samples and idle runs by thread, subject and waker.
private struct WaitSums {
    private struct Sum {
        var version: Int64 = 0
        var count: UInt64 = 0
        var total: UInt64 = 0
        var longest: UInt64 = 0
        var lengths = HistogramAccumulator()
    }

    private let selection: Selection
    private var sums: [WaitKey: Sum] = [:]

    init(_ selection: Selection) { self.selection = selection }

    mutating func addSamples(_ filter: Filter, _ db: Database) throws {
        let source = selection.source("wait_samples", filter, adding: filter.waitTableConditions())
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.thread, r.kind, r.syscall, r.direction, r.flags, r.resource, r.waker, r.timed_out,
                    r.member, r.device, r.count, r.total_ns, r.max_ns, r.histogram
                \(source.sql)
                """, arguments: source.arguments)
        while let row = try rows.next() {
            guard let key = key(of: row) else { continue }
            Self.add(row, to: &sums[key, default: Sum()])
        }
    }

    private static func add(_ row: Row, to sum: inout Sum) {
        sum.version = max(sum.version, row.integer(at: 0))
        sum.count &+= row.unsigned(at: 10)
        sum.total &+= row.unsigned(at: 11)
        sum.longest = max(sum.longest, row.unsigned(at: 12))
        if let text = row.text(at: 13) { sum.lengths.add(json: text) }
    }

    mutating func addIdleRuns(_ filter: Filter, _ db: Database) throws {
        let conditions = filter.waitTableConditions()
        let offsets = try Schema.idleOffsets(db)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.thread, r.kind, r.syscall, r.direction, r.flags, r.resource, r.waker, r.timed_out,
                    r.member, r.device, r.first_tick, r.last_tick, \(offsets.begin), \(offsets.end)
                FROM idle_runs r \(conditions.sql)
                """, arguments: conditions.statementArguments)
        while let row = try rows.next() {
            let time = selection.time(
                from: row.integer(at: 10), to: row.optionalInteger(at: 11), beginOffset: row.integer(at: 12),
                endOffset: row.integer(at: 13))
            guard time.ticks > 0, let key = key(of: row) else { continue }
            var sum = sums[key] ?? Sum()
            sum.version = max(sum.version, row.integer(at: 0))
            sum.total &+= time.duration
            sums[key] = sum
        }
    }

    /// Nil if the thread is not chosen.
    private func key(of row: Row) -> WaitKey? {
        let version = selection.versions[row.integer(at: 0)]
        if version == nil, selection.isSelective { return nil }
        return WaitKey(
            thread: version?.thread ?? 0, resource: row.integer(at: 5), waker: row.integer(at: 6),
            member: row.integer(at: 8), device: row.integer(at: 9),
            kind: Int32(clamping: row.integer(at: 1)), syscall: Int32(clamping: row.integer(at: 2)),
            direction: Int8(clamping: row.integer(at: 3)),
            uninterruptible: Int8(row.integer(at: 4) & 1),
            timedOut: Int8(clamping: row.integer(at: 7)))
    }

    /// Sums with their names.
    func totals(_ db: Database) throws -> [WaitTotal] {
        let names = try WaitNames(db)
        return sums.map { key, sum in
            var total = names.total(of: key, by: selection.versions[sum.version])
            (total.count, total.total, total.longest) = (sum.count, sum.total, sum.longest)
            total.lengths = sum.lengths.histogram
            return total
        }
    }
}
