import GRDB

/// A value as SQLite stores it.
public enum QueryValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
}

/// The result of a query.
public struct QueryResult: Sendable, Equatable {
    public var columns: [String]
    public var rows: [[QueryValue]]
}

extension Recording {
    /// Runs one SELECT statement against the views and tables of the recording.
    /// - Throws: ``RecordingError/notAQuery(reason:)`` for statements that would write, for several
    ///   statements and for none; ``RecordingError/invalidQuery(reason:)`` with SQLite's words for those that
    ///   it does not accept; ``RecordingError/damaged(path:reason:)``.
    public func query(_ sql: String) throws(RecordingError) -> QueryResult {
        var result = QueryResult(columns: [], rows: [])
        try query(sql, columns: { result.columns = $0 }, row: { result.rows.append($0) })
        return result
    }

    /// As ``query(_:)``, handing out the column names once and then row after row, for results that are too
    /// large to hold.  What the closures throw ends the query as ``RecordingError/invalidQuery(reason:)``
    /// unless it is a ``RecordingError``.
    public func query(
        _ sql: String, columns: ([String]) throws -> Void, row: ([QueryValue]) throws -> Void
    ) throws(RecordingError) {
        _ = try read { db in
            try run(sql, db, columns: columns) {
                try row($0)
                return true
            }
        }
    }

    /// - Parameter row: returns whether to go on.
    /// - Returns: whether all rows were handed out.
    func run(
        _ sql: String, _ db: Database, columns: ([String]) throws -> Void,
        row: ([QueryValue]) throws -> Bool
    ) throws -> Bool {
        do {
            let statement = try Self.prepare(sql, db)
            try columns(statement.columnNames)
            let rows = try GRDB.Row.fetchCursor(statement)
            while let next = try rows.next() {
                guard try row(next.databaseValues.map(QueryValue.init(_:))) else { return false }
            }
            return true
        } catch let error as DatabaseError {
            throw Self.explain(error, path: path)
        }
    }

    private static func prepare(_ sql: String, _ db: Database) throws -> Statement {
        let statements = try db.allStatements(sql: sql)
        guard let statement = try statements.next() else {
            throw RecordingError.notAQuery(reason: "the query is empty")
        }
        guard try statements.next() == nil else {
            throw RecordingError.notAQuery(reason: "the query holds several statements")
        }
        // Transactions, ATTACH and the like count as read-only, but give no columns.
        guard statement.isReadonly, statement.columnCount > 0 else {
            throw RecordingError.notAQuery(reason: "the statement would change something, or returns no rows")
        }
        return statement
    }

    private static func explain(_ error: DatabaseError, path: String) -> RecordingError {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_BUSY:
            ReadFailure.explain(error, path: path)
        case .SQLITE_READONLY, .SQLITE_AUTH, .SQLITE_PERM:
            .notAQuery(reason: "the statement would change the recording")
        default: .invalidQuery(reason: error.message ?? error.resultCode.description)
        }
    }
}

extension QueryValue {
    init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .double(let number): .real(number)
            case .string(let text): .text(text)
            case .blob(let data): .blob([UInt8](data))
            }
    }
}
