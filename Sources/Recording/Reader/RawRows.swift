import GRDB
import GRDBSQLite

/// Rows of numbers as SQLite hands them out, without GRDB's values in between: for millions of them.
///
/// Use it only inside the database access that made it.
struct RawRows {
    private let statement: Statement
    private let handle: OpaquePointer

    init(_ db: Database, _ sql: String) throws {
        statement = try db.cachedStatement(sql: sql)
        // The statement owns the handle, and is kept alive by this value.
        handle = statement.sqliteStatement
    }

    /// Hands out each row that the statement finds with these arguments.
    /// - Throws: `DatabaseError`, and what `body` throws.
    func forEach(_ arguments: [Int64], _ body: (Columns) throws -> Void) throws {
        for (index, argument) in arguments.enumerated() {
            sqlite3_bind_int64(handle, Int32(index + 1), argument)
        }
        defer { sqlite3_reset(handle) }
        while true {
            let code = sqlite3_step(handle)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else {
                throw DatabaseError(
                    resultCode: ResultCode(rawValue: code),
                    message: sqlite3_db_handle(handle).flatMap { sqlite3_errmsg($0) }.map {
                        String(cString: $0)
                    },
                    sql: statement.sql)
            }
            try body(Columns(handle: handle))
        }
    }

    /// The columns of the present row.
    struct Columns {
        fileprivate let handle: OpaquePointer

        /// 0 for what is no number.
        func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
        func unsigned(_ column: Int32) -> UInt64 { UInt64(clamping: integer(column)) }
        func text(_ column: Int32) -> String {
            sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
        }
    }
}
