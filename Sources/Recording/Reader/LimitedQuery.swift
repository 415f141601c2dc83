import GRDB
import GRDBSQLite
import Glibc

/// What a query of somebody who is not trusted may take.
public struct QueryLimits: Sendable {
    public var rows: Int
    /// Of time on the clock.
    public var seconds: Double
    /// Of one text or blob.
    public var valueBytes = 4 << 20

    public init(rows: Int, seconds: Double) { (self.rows, self.seconds) = (rows, seconds) }
}

extension Recording {
    /// Sets how much memory SQLite may take in this process, bytes; what needs more fails.
    public static func limitMemory(_ bytes: Int64) { sqlite3_hard_heap_limit64(bytes) }

    /// As ``query(_:columns:row:)``, but ended when a limit is met.
    ///
    /// - Parameters:
    ///   - sql: one SELECT statement.
    ///   - limits: of its rows, its time, and its values.
    ///   - columns: gets their names once.
    ///   - row: returns whether there is room for more.
    /// - Returns: whether these are all rows.
    /// - Throws: ``RecordingError/queryTooLong(seconds:)`` beside what the other throws.
    public func query(
        _ sql: String, within limits: QueryLimits, columns: ([String]) throws -> Void,
        row: ([QueryValue]) throws -> Bool
    ) throws(RecordingError) -> Bool {
        let deadline = Deadline(seconds: limits.seconds)
        var count = 0
        do {
            return try read { db in
                try deadline.whileWatching(db) {
                    sqlite3_limit(
                        db.sqliteConnection, SQLITE_LIMIT_LENGTH, Int32(clamping: limits.valueBytes))
                    return try run(sql, db, columns: columns) { values in
                        count += 1
                        return try count <= limits.rows && row(values)
                    }
                }
            }
        } catch {
            if deadline.hasPassed { throw .queryTooLong(seconds: limits.seconds) }
            throw error
        }
    }
}

/// A point in time after which a query is given up.
private final class Deadline {
    private let end: Double

    init(seconds: Double) { end = Self.now + seconds }

    var hasPassed: Bool { Self.now >= end }

    /// Has SQLite look at the clock while it works.
    func whileWatching<Value>(_ db: Database, _ body: () throws -> Value) rethrows -> Value {
        guard let handle = db.sqliteConnection else { return try body() }
        sqlite3_progress_handler(
            handle, 20_000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Deadline>.fromOpaque(context).takeUnretainedValue().hasPassed ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
        defer { sqlite3_progress_handler(handle, 0, nil, nil) }
        return try body()
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
