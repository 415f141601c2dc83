import GRDB
import Model

/// Rows of waits, and what later ticks find out about them.
struct WaitRows {
    private let db: Database
    private let insert: RowStatement
    private let resolve: RowStatement
    private let resolveIdle: RowStatement
    private let remove: RowStatement
    private let add: RowStatement
    // These give back rows, each of few.
    private let pending: Statement
    private let histogram: Statement

    private static let key =
        "tick = ? AND thread = ? AND kind = ? AND syscall = ? AND direction = ? AND flags = ? "
        + "AND resource = ? AND device = ? AND waker = ? AND member = ? AND timed_out = ?"

    init(_ db: Database) throws {
        self.db = db
        insert = try RowStatement(
            db, "INSERT INTO wait_samples VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING")
        resolve = try RowStatement(
            db,
            """
            UPDATE OR IGNORE wait_samples SET waker = ?, member = ?, timed_out = ?
            WHERE tick = ? AND thread = ? AND waker = \(WakerRows.pendingID)
            """)
        resolveIdle = try RowStatement(
            db,
            """
            UPDATE idle_runs SET waker = ?1, member = ?4, timed_out = ?5
            WHERE thread = ?2 AND first_tick <= ?3 AND last_tick >= ?3
                AND waker = \(WakerRows.pendingID)
            """)
        remove = try RowStatement(db, "DELETE FROM wait_samples WHERE " + Self.key)
        add = try RowStatement(
            db,
            """
            UPDATE wait_samples SET count = count + ?, total_ns = total_ns + ?,
                max_ns = max(max_ns, ?), histogram = ?
            WHERE \(Self.key)
            """)
        pending = try db.cachedStatement(
            sql: "SELECT * FROM wait_samples WHERE tick = ? AND thread = ? AND waker = \(WakerRows.pendingID)"
        )
        histogram = try db.cachedStatement(sql: "SELECT histogram FROM wait_samples WHERE " + Self.key)
    }

    func store(_ batch: TickBatch, wakers: inout WakerRows) throws {
        var text: [UInt8] = []
        for (thread, wait) in batch.waits.sorted(by: { $0.thread < $1.thread }) {
            let waker = try wakers.id(of: wait.waker, db)
            try store(wait, of: thread, waker: waker, tick: batch.tick.number, text: &text)
        }
        for resolution in batch.resolutions {
            try store(resolution, waker: try wakers.id(of: resolution.waker, db))
        }
    }

    private func store(
        _ wait: WaitSample, of thread: Int64, waker: Int64, tick: Int64, text: inout [UInt8]
    ) throws {
        try insert.run { row in
            row.add(tick)
            row.add(thread)
            row.add(wait.subject)
            row.add(waker)
            row.add(wait.member)
            row.add(wait.timedOut ? 1 : 0)
            row.add(wait.count)
            row.add(wait.total)
            row.add(wait.longest)
            row.add(wait.lengths, text: &text)
        }
        guard insert.changes == 0 else { return }
        let subject = wait.subject
        try merge(
            key: [
                tick, thread, Int64(subject.kind.rawValue), Int64(subject.syscall),
                Int64(subject.direction.rawValue), subject.flags, subject.resource, Int64(subject.device),
                waker,
                wait.member, wait.timedOut ? 1 : 0,
            ],
            adding: wait.count, wait.total, wait.longest, wait.lengths)
    }

    private func store(_ resolution: WaitResolution, waker: Int64) throws {
        try resolve.run { row in
            row.add(waker)
            row.add(resolution.member)
            row.add(resolution.timedOut ? 1 : 0)
            row.add(resolution.tick)
            row.add(resolution.thread)
        }
        if resolve.changes > 0 { return }
        // Either the same wait has a row with that waker in that tick already, or the pending time is part
        // of an idle run that ended when its thread got a new version.
        if try mergePending(resolution, waker: waker) { return }
        try resolveIdle.run { row in
            row.add(waker)
            row.add(resolution.thread)
            row.add(resolution.tick)
            row.add(resolution.member)
            row.add(resolution.timedOut ? 1 : 0)
        }
    }

    /// Adds a tick's pending rows to those that they have become equal to.
    private func mergePending(_ resolution: WaitResolution, waker: Int64) throws -> Bool {
        let rows = try Row.fetchAll(pending, arguments: [resolution.tick, resolution.thread])
        for row in rows where waker != WakerRows.pendingID {
            var key = Array(row.databaseValues.prefix(11)).map { Int64.fromDatabaseValue($0) ?? 0 }
            try remove.run { row in key.forEach { row.add($0) } }
            key[8] = waker
            key[9] = resolution.member
            key[10] = resolution.timedOut ? 1 : 0
            try merge(
                key: key, adding: row["count"], row["total_ns"], row["max_ns"],
                Histogram(json: row["histogram"]))
        }
        return !rows.isEmpty
    }

    /// Adds to an existing row.
    private func merge(
        key: [Int64], adding count: UInt64, _ total: UInt64, _ longest: UInt64, _ lengths: Histogram
    ) throws {
        let old = try Optional<String>.fetchOne(histogram, arguments: StatementArguments(key))
        var sum = Histogram(json: old ?? nil)
        sum += lengths
        try add.run { row in
            row.add(count)
            row.add(total)
            row.add(longest)
            if sum.isEmpty { row.addNull() } else { row.add(sum.json) }
            key.forEach { row.add($0) }
        }
    }
}

extension WaitSubject {
    /// Bits of the `flags` column.
    var flags: Int64 { (isUninterruptible ? 1 : 0) | (isIO ? 2 : 0) }
}

extension RowStatement.Row {
    /// Columns kind, syscall, direction, flags, resource, device.
    mutating func add(_ subject: WaitSubject) {
        add(Int64(subject.kind.rawValue))
        add(Int64(subject.syscall))
        add(Int64(subject.direction.rawValue))
        add(subject.flags)
        add(subject.resource)
        add(Int64(subject.device))
    }
}
