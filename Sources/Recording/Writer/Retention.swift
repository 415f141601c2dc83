import GRDB
import GRDBSQLite
import Model

/// How much of a recording is kept while it goes on.
public struct Retention: Sendable, Equatable {
    /// Ticks that ended longer ago than this are let go, nanoseconds; nil: their age does not matter.
    public var age: UInt64?
    /// Bytes that the file may have, about, without its `-wal`; nil: any number.
    public var size: UInt64?

    public init(age: UInt64? = nil, size: UInt64? = nil) {
        self.age = age
        self.size = size
    }
}

/// Lets go of the oldest ticks, and of the threads and processes that ended in them.  What comes later takes their room
/// in the file, so that it stops growing.
///
/// Names that rows share (wakers, occupants, resources, stacks) stay: they grow with what there is on a host, not with
/// time.
struct Retained: Sendable {
    private let retention: Retention
    /// Tables that have a column `tick`.
    private let tables: [String]
    /// Beyond this, the rest is let go with the next ticks: none of them is to take long.
    private static let mostTicks: Int64 = 16
    private static let mostTasks = 4096

    /// Adds what is needed to find what has ended, which no other recording needs.
    init(_ retention: Retention, _ db: Database) throws {
        self.retention = retention
        tables = try String.fetchAll(
            db,
            sql: """
                SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c
                WHERE m.type = 'table' AND c.name = 'tick' ORDER BY m.name
                """)
        try db.execute(
            sql: """
                CREATE INDEX IF NOT EXISTS process_versions_ended ON process_versions (ended_ns) WHERE ended_ns IS NOT NULL;
                CREATE INDEX IF NOT EXISTS thread_versions_ended ON thread_versions (ended_ns) WHERE ended_ns IS NOT NULL;
                CREATE INDEX IF NOT EXISTS target_events_process ON target_events (process);
                """)
    }

    /// Within the transaction of a tick.
    func release(before tick: Tick, _ db: Database) throws {
        guard let first = try Int64.fetchOne(db, sql: "SELECT min(tick) FROM ticks"), first < tick.number
        else {
            return
        }
        var last = first - 1
        if let age = retention.age, age < tick.time {
            let old = try RowStatement(db, "SELECT max(tick) FROM ticks WHERE time_ns <= ?")
                .first { $0.add(Int64(clamping: tick.time - age)) }
            last = max(last, min(old ?? last, first + Self.mostTicks - 1))
        }
        if let size = retention.size, try bytes(db) > size {
            // A share of what there is, so that it ends even if ticks become larger; and at least one more than comes.
            let share = max(2, min(Self.mostTicks, (tick.number - first) / 16))
            last = max(last, first + share - 1)
        }
        // The newest stays, however large it is.
        last = min(last, tick.number - 1)
        guard last >= first else { return }
        try release(through: last, db)
    }

    private func bytes(_ db: Database) throws -> UInt64 {
        func pragma(_ name: String) throws -> Int64 { try Int64.fetchOne(db, sql: "PRAGMA \(name)") ?? 0 }
        let pages = try pragma("page_count") - pragma("freelist_count")
        return try UInt64(clamping: pages * pragma("page_size"))
    }

    /// All ticks up to `last`.
    func release(through last: Int64, _ db: Database) throws {
        let time = try Int64.fetchOne(db, sql: "SELECT time_ns FROM ticks WHERE tick = ?", arguments: [last])
        for table in tables {
            try RowStatement(db, "DELETE FROM \(table) WHERE tick <= ?").run { $0.add(last) }
        }
        try releaseIdleRuns(through: last, db)
        try releaseIntervals(through: last, db)
        if let time { try releaseTasks(through: time, db) }
    }

    /// Some that end at the border stay a while: no tick is left that they show in.
    private func releaseIdleRuns(through last: Int64, _ db: Database) throws {
        let delete = try RowStatement(db, "DELETE FROM idle_runs WHERE span = ? AND first_tick <= ?")
        for span in 0..<IdleSpan.count {
            let over = last - 1 << (Int64(span) + 1)
            guard over > 0 else { break }
            try delete.run { row in
                row.add(Int64(span))
                row.add(over)
            }
        }
    }

    /// A spell is of the tick in which it ended.
    private func releaseIntervals(through last: Int64, _ db: Database) throws {
        let delete = try RowStatement(db, "DELETE FROM interval_rows WHERE id >= ? AND id < ?")
        for span in 0..<IntervalID.spanCount {
            try delete.run { row in
                row.add(IntervalID.id(span: span, tick: 0))
                row.add(IntervalID.id(span: span, tick: last + 1))
            }
        }
    }

    private func releaseTasks(through time: Int64, _ db: Database) throws {
        let processes = try Int64.fetchAll(
            db,
            sql: "SELECT DISTINCT process FROM process_versions WHERE ended_ns <= ? LIMIT \(Self.mostTasks)",
            arguments: [time])
        for process in processes {
            for table in ["process_versions", "thread_versions", "target_events"] {
                try RowStatement(db, "DELETE FROM \(table) WHERE process = ?").run { $0.add(process) }
            }
        }
        let threads = try Int64.fetchAll(
            db,
            sql: "SELECT DISTINCT thread FROM thread_versions WHERE ended_ns <= ? LIMIT \(Self.mostTasks)",
            arguments: [time])
        for thread in threads {
            try RowStatement(db, "DELETE FROM thread_versions WHERE thread = ?").run { $0.add(thread) }
        }
        try db.execute(sql: "DELETE FROM loss_events WHERE time_ns <= ?", arguments: [time])
    }
}
