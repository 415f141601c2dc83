import GRDB
import GRDBSQLite

/// A prepared statement that is run once for each of many rows.
///
/// GRDB's own arguments make an array of enums for each row; for a thousand rows a second that would be most
/// of the recorder's time, so values are bound directly.  Use it only inside the database access that made
/// the `Statement`.
struct RowStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let connection: OpaquePointer?

    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
        // The statement owns the handle, and is kept alive by this value.
        handle = statement.sqliteStatement
        connection = db.sqliteConnection
    }

    /// Binds a row's values in order and runs the statement to its end.
    /// - Throws: `DatabaseError`.
    func run(_ bind: (inout Row) -> Void) throws {
        var row = Row(handle: handle)
        bind(&row)
        let code = sqlite3_step(handle)
        let reset = sqlite3_reset(handle)
        guard code == SQLITE_DONE, row.failure == SQLITE_OK else {
            throw failure(row.failure != SQLITE_OK ? row.failure : (code == SQLITE_ROW ? reset : code))
        }
    }

    /// The first column of the first row that the statement finds; nil if it finds none.
    /// - Throws: `DatabaseError`.
    func first(_ bind: (inout Row) -> Void) throws -> Int64? {
        var row = Row(handle: handle)
        bind(&row)
        let code = sqlite3_step(handle)
        let found = code == SQLITE_ROW ? sqlite3_column_int64(handle, 0) : nil
        sqlite3_reset(handle)
        guard code == SQLITE_ROW || code == SQLITE_DONE, row.failure == SQLITE_OK else {
            throw failure(row.failure != SQLITE_OK ? row.failure : code)
        }
        return found
    }

    /// How many rows the last run changed.
    var changes: Int { connection.map { Int(sqlite3_changes($0)) } ?? 0 }
    /// The rowid that the last run inserted.
    var insertedID: Int64 { connection.map { sqlite3_last_insert_rowid($0) } ?? 0 }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = connection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message, sql: statement.sql)
    }

    /// The values of one row, bound from left to right.
    struct Row {
        fileprivate let handle: OpaquePointer
        private var index: Int32 = 0
        fileprivate private(set) var failure = SQLITE_OK

        fileprivate init(handle: OpaquePointer) { self.handle = handle }

        mutating func add(_ value: Int64) {
            index += 1
            note(sqlite3_bind_int64(handle, index, value))
        }

        /// Values beyond `Int64.max` ns (292 years) do not occur; they are cut, not trapped on.
        mutating func add(_ value: UInt64) { add(Int64(clamping: value)) }
        mutating func add(_ value: some BinaryInteger) { add(Int64(clamping: value)) }

        mutating func add(_ text: String) {
            var text = text
            text.withUTF8 { add($0) }
        }

        /// Text in UTF-8; SQLite copies it before this returns, so the buffer need not outlive the call.
        mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
            index += 1
            let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            guard let start = text.baseAddress else {
                note(sqlite3_bind_text(handle, index, "", 0, transient))
                return
            }
            let count = text.count
            note(
                start.withMemoryRebound(to: CChar.self, capacity: count) {
                    sqlite3_bind_text(handle, index, $0, Int32(clamping: count), transient)
                })
        }

        mutating func addOptional(_ value: Int64?) {
            if let value { add(value) } else { addNull() }
        }

        mutating func addNull() {
            index += 1
            note(sqlite3_bind_null(handle, index))
        }

        private mutating func note(_ code: Int32) {
            if code != SQLITE_OK, failure == SQLITE_OK { failure = code }
        }
    }
}
