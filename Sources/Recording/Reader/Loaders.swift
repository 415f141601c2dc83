import GRDB
import Model

extension Recording {
    /// Ticks in the filter's time range, in order.
    public func ticks(_ filter: Filter = Filter()) throws(RecordingError) -> [Tick] {
        let conditions = filter.timeConditions
        return try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM ticks \(conditions.sql) ORDER BY tick",
                arguments: conditions.statementArguments
            ).map { row in
                Tick(
                    number: row["tick"], time: row.unsigned("time_ns"), bootTime: row.unsigned("boot_ns"),
                    duration: row.unsigned("duration_ns"))
            }
        }
    }

    /// When what is stored begins, ns since the Unix epoch, from which offsets such as `+10s` count: with the first tick, some
    /// time after the file was made; then, if there is no tick yet.
    public func beginning() throws(RecordingError) -> UInt64 {
        try read { db in
            try UInt64.fetchOne(db, sql: "SELECT time_ns - duration_ns FROM ticks ORDER BY tick LIMIT 1")
        } ?? header.started
    }

    /// When the newest tick ended, ns since the Unix epoch; nil if there is none.
    public func lastTickTime() throws(RecordingError) -> UInt64? {
        try read { db in try UInt64.fetchOne(db, sql: "SELECT max(time_ns) FROM ticks") }
    }

    /// All versions of all processes, in the order of their ids.
    public func processes() throws(RecordingError) -> [ProcessRow] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT v.*, coalesce(
                        (SELECT n.since_ns FROM process_versions n
                         WHERE n.process = v.process AND n.id > v.id ORDER BY n.id LIMIT 1),
                        v.ended_ns) AS until_ns,
                        exit_code >> 8 & 255 AS exit_status, exit_code & 127 AS exit_signal
                    FROM process_versions v ORDER BY v.id
                    """
            ).map(ProcessRow.init(row:))
        }
    }

    /// All versions of all threads, in the order of their ids.
    public func threads() throws(RecordingError) -> [ThreadRow] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT v.*, coalesce(
                        (SELECT n.since_ns FROM thread_versions n
                         WHERE n.thread = v.thread AND n.id > v.id ORDER BY n.id LIMIT 1),
                        v.ended_ns) AS until_ns
                    FROM thread_versions v ORDER BY v.id
                    """
            ).map(ThreadRow.init(row:))
        }
    }

    /// Rows of `thread_seconds` in the order of time, then of threads.  An hour of a thousand threads is
    /// 3.6 million rows: give the filter a time range, or use ``threadTotals(_:)``.
    public func threadSeconds(_ filter: Filter = Filter()) throws(RecordingError) -> [ThreadSecond] {
        let conditions = filter.threadConditions
        return try read { db in
            try Row.fetchCursor(
                db, sql: "SELECT * FROM thread_seconds \(conditions.sql) ORDER BY tick, thread",
                arguments: conditions.statementArguments
            ).mapAll(ThreadSecond.init(row:))
        }
    }

    /// Rows of `waits` in the order of time, then of threads.
    public func waits(_ filter: Filter = Filter()) throws(RecordingError) -> [WaitRow] {
        let conditions = filter.waitConditions
        return try read { db in
            try Row.fetchCursor(
                db, sql: "SELECT * FROM waits \(conditions.sql) ORDER BY tick, thread",
                arguments: conditions.statementArguments
            ).mapAll(WaitRow.init(row:))
        }
    }

    /// Comings and goings of targets in the filter's time range, in order.
    public func targets(_ filter: Filter = Filter()) throws(RecordingError) -> [TargetRow] {
        let conditions = filter.timeConditions
        return try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM targets \(conditions.sql) ORDER BY time_ns",
                arguments: conditions.statementArguments
            ).map(TargetRow.init(row:))
        }
    }

    /// What is missing in the filter's time range, in order.
    public func losses(_ filter: Filter = Filter()) throws(RecordingError) -> [Loss] {
        let conditions = filter.timeConditions
        return try read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM losses \(conditions.sql) ORDER BY time_ns",
                arguments: conditions.statementArguments
            ).map { row in
                Loss(
                    time: row.unsigned("time_ns"), what: row["what"], place: row["place"],
                    count: row.unsigned("count"), advice: row["advice"])
            }
        }
    }
}

/// A row of the view `targets`.
public struct TargetRow: Sendable, Equatable {
    /// Nanoseconds since the Unix epoch.
    public var time: UInt64
    public var pid: UInt32
    /// The stable id of the process; nil if nothing more is known of it.
    public var process: Int64?
    public var comm: String?
    /// `added` or `removed`.
    public var event: String
    /// As in `TargetEvent.isRoot`.
    public var isRoot: Bool
    public var reason: String
}

extension RowCursor {
    /// Maps row by row, so that a large result is not held twice.
    func mapAll<Value>(_ transform: (Row) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        while let row = try next() { values.append(try transform(row)) }
        return values
    }
}
