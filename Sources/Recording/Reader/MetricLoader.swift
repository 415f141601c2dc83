import Diagnosis
import GRDB
import Model

extension Recording {
    /// Every metric of every thread and resource, summed over bins of ticks: what a `KPIRanking` looks at.
    ///
    /// - Parameter limit: a recording with more ticks than that has bins of several.
    /// - Returns: the bins in order, by their ends (ns since the Unix epoch) and lengths in ns, and a value for each in each
    ///   series.
    public func metrics(atMost limit: Int = 600) throws(RecordingError) -> (
        bins: [MetricBin], series: [MetricSeries]
    ) {
        let ticks = try ticks()
        let size = max(1, (ticks.count + limit - 1) / limit)
        let bins = stride(from: 0, to: ticks.count, by: size).map { first in
            let part = ticks[first..<min(first + size, ticks.count)]
            return MetricBin(end: part.last?.time ?? 0, length: part.reduce(0) { $0 + $1.duration })
        }
        let series = try read { db in
            var sums = MetricSums(ticks, binSize: size, bins: bins.count)
            try sums.addThreads(db)
            try sums.addWaits(db)
            try sums.addIdleRuns(db)
            try sums.addOccupants(db)
            for view in MetricView.all where try db.viewExists(view.name) { try sums.add(view, db) }
            return try sums.finish(db)
        }
        return (bins, series)
    }
}

/// Values by bins, of series that numbers tell apart until all is read.
struct MetricSums {
    /// Of a thread (`owner`), what it waited for (`kind` and `resource`) or who was in its way (`resource`); of a view, its
    /// subject's number.
    struct Key: Hashable {
        var metric: String
        var owner: Int64
        var kind: Int64 = -1
        var resource: Int64 = 0
    }

    private let bins: Int
    private let binOfTick: [Int64: Int]
    private let durations: [UInt64]
    private let firstTick: Int64
    private var index: [Key: Int] = [:]
    private var values: [[Double]] = []
    private var subjects: [String] = []
    private var subjectNumbers: [String: Int64] = [:]

    init(_ ticks: [Tick], binSize: Int, bins: Int) {
        self.bins = bins
        binOfTick = Dictionary(uniqueKeysWithValues: ticks.enumerated().map { ($1.number, $0 / binSize) })
        durations = ticks.map(\.duration)
        firstTick = ticks.first?.number ?? 0
    }

    private mutating func add(_ value: Int64, tick: Int64, _ key: Key) {
        guard value != 0, let bin = binOfTick[tick] else { return }
        if let known = index[key] {
            values[known][bin] += Double(value)
            return
        }
        index[key] = values.count
        values.append(Array(repeating: 0, count: bins))
        values[values.count - 1][bin] = Double(value)
    }

    // MARK: Tables that grow with threads and ticks

    private static let ofThreads = [
        "on_cpu_ns", "run_queue_ns", "io_wait_ns", "voluntary_switches", "involuntary_switches", "migrations",
        "minor_faults", "major_faults",
    ]

    mutating func addThreads(_ db: Database) throws {
        let columns = Self.ofThreads.map { "r.\($0)" }.joined(separator: ", ")
        try RawRows(
            db,
            """
            SELECT r.tick, v.thread, r.interruptible_ns + r.uninterruptible_ns, \(columns)
            FROM thread_samples r JOIN thread_versions v ON v.id = r.thread
            """
        ).forEach([]) { row in
            let (tick, thread) = (row.integer(0), row.integer(1))
            add(row.integer(2), tick: tick, Key(metric: "blocked_ns", owner: thread))
            for (place, metric) in Self.ofThreads.enumerated() {
                add(row.integer(Int32(3 + place)), tick: tick, Key(metric: metric, owner: thread))
            }
        }
    }

    mutating func addWaits(_ db: Database) throws {
        try RawRows(
            db,
            """
            SELECT r.tick, v.thread, r.kind, iif(r.member = 0, r.resource, r.member), r.total_ns, r.count
            FROM wait_samples r JOIN thread_versions v ON v.id = r.thread
            """
        ).forEach([]) { row in
            var key = Key(
                metric: "wait_ns", owner: row.integer(1), kind: row.integer(2), resource: row.integer(3))
            add(row.integer(4), tick: row.integer(0), key)
            key.metric = "waits"
            add(row.integer(5), tick: row.integer(0), key)
        }
    }

    /// Ticks in which a thread did nothing but wait have no rows of their own.
    mutating func addIdleRuns(_ db: Database) throws {
        let last = firstTick + Int64(durations.count) - 1
        let offsets = try Schema.idleOffsets(db)
        try RawRows(
            db,
            """
            SELECT r.first_tick, ifnull(r.last_tick, 9223372036854775807), v.thread, r.kind,
                iif(r.member = 0, r.resource, r.member), r.flags >> 1 & 1, \(offsets.begin), \(offsets.end)
            FROM idle_runs r JOIN thread_versions v ON v.id = r.thread
            """
        ).forEach([]) { row in
            let (from, to) = (max(row.integer(0), firstTick), min(row.integer(1), last))
            guard from <= to else { return }
            let wait = Key(
                metric: "wait_ns", owner: row.integer(2), kind: row.integer(3), resource: row.integer(4))
            for tick in from...to {
                var duration = Int64(clamping: durations[Int(tick - firstTick)])
                if tick == row.integer(0) { duration &-= row.integer(6) }
                if tick == row.integer(1) { duration &+= row.integer(7) }
                add(duration, tick: tick, wait)
                add(duration, tick: tick, Key(metric: "blocked_ns", owner: wait.owner))
                add(duration * row.integer(5), tick: tick, Key(metric: "io_wait_ns", owner: wait.owner))
            }
        }
    }

    mutating func addOccupants(_ db: Database) throws {
        try RawRows(
            db,
            """
            SELECT r.tick, v.thread, r.occupant, r.total_ns
            FROM occupant_samples r JOIN thread_versions v ON v.id = r.thread
            """
        ).forEach([]) { row in
            add(
                row.integer(3), tick: row.integer(0),
                Key(metric: "run_queue_ns", owner: row.integer(1), resource: row.integer(2)))
        }
    }

    // MARK: The others

    mutating func add(_ view: MetricView, _ db: Database) throws {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT tick, \(view.subject), \(view.values.map { "sum(\($0))" }.joined(separator: ", ")) "
                + "FROM \(view.name) GROUP BY 1, 2")
        while let row = try rows.next() {
            guard let subject = row.text(at: 1) else { continue }
            let number = subjectNumbers[subject] ?? Int64(subjects.count)
            if number == subjects.count { subjects.append(subject) }
            subjectNumbers[subject] = number
            for (place, metric) in view.metrics.enumerated() {
                add(
                    row.integer(at: 2 + place), tick: row.integer(at: 0),
                    Key(metric: metric, owner: -1 - number))
            }
        }
    }

    // MARK: Names

    func finish(_ db: Database) throws -> [MetricSeries] {
        let threads = try Self.names(db, "SELECT thread, comm || '/' || tid FROM thread_versions ORDER BY id")
        let kinds = try Self.names(db, "SELECT id, name FROM wait_kinds")
        let resources = try Self.names(db, "SELECT id, name FROM resource_rows")
        let occupants = try Self.names(
            db,
            """
            SELECT o.id, coalesce(nullif(o.comm, ''), nullif(o.cgroup, ''), k.name)
            FROM occupants o LEFT JOIN occupant_kinds k ON k.id = o.kind
            """)
        return index.map { key, place in
            var subject = key.owner < 0 ? subjects[Int(-1 - key.owner)] : threads[key.owner] ?? "?"
            if key.kind >= 0 {
                subject +=
                    " for " + (kinds[key.kind] ?? "?") + (resources[key.resource].map { " " + $0 } ?? "")
            } else if key.resource != 0 {
                subject += " behind " + (occupants[key.resource] ?? "?")
            }
            return MetricSeries(metric: key.metric, subject: subject, values: values[place])
        }.sorted { ($0.metric, $0.subject) < ($1.metric, $1.subject) }
    }

    private static func names(_ db: Database, _ sql: String) throws -> [Int64: String] {
        var names: [Int64: String] = [:]
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() { names[row.integer(at: 0)] = row.text(at: 1) ?? "" }
        return names
    }
}

/// A view with few rows, and what of it is a metric.
struct MetricView {
    var name: String
    /// SQL for whose metric it is; rows where it is NULL are left out.
    var subject: String
    var metrics: [String]
    var values: [String]

    static let all = [
        MetricView(
            name: "block_io", subject: "device || ' by ' || coalesce(comm, 'interrupts')",
            metrics: ["device_ns", "queue_ns", "requests", "bytes"],
            values: ["device_ns", "queue_ns", "requests", "bytes"]),
        MetricView(
            name: "pressure", subject: "resource || ' ' || coalesce(cgroup, 'host')",
            metrics: ["pressure_some_ns"],
            values: ["some_ns"]),
        MetricView(
            name: "cgroup_cpu", subject: "cgroup", metrics: ["throttled_ns"], values: ["throttled_ns"]),
        MetricView(
            name: "cgroup_memory", subject: "cgroup", metrics: ["memory_limit_events", "refaults"],
            values: ["max_events", "refaults"]),
        MetricView(
            name: "connections", subject: "resource", metrics: ["retransmits"], values: ["retransmits"]),
    ]
}
