import GRDB
import Model

/// A value that many rows share, stored once in a table of its own and referred to by its row's id.
protocol DimensionValue: Hashable, Sendable {
    static var table: String { get }
    /// All columns but the id; no two rows have all of them in common.
    static var columns: [String] { get }
    /// Adds the columns in their order.
    func bind(to row: inout RowStatement.Row)
}

/// The rows that a recording has for values of one kind.
struct DimensionRows<Value: DimensionValue>: Sendable {
    /// A storm of short-lived values must not fill the memory: beyond this many the file itself is asked.
    private let cacheLimit = 20_000
    private var ids: [Value: Int64] = [:]

    /// The row of a value, inserted if it is new.
    mutating func id(of value: Value, _ db: Database) throws -> Int64 {
        if let id = ids[value] { return id }
        let id = try find(value, db) ?? insert(value, db)
        if ids.count >= cacheLimit { ids.removeAll(keepingCapacity: true) }
        ids[value] = id
        return id
    }

    private func find(_ value: Value, _ db: Database) throws -> Int64? {
        let condition = Value.columns.map { "\($0) = ?" }.joined(separator: " AND ")
        return try RowStatement(db, "SELECT id FROM \(Value.table) WHERE \(condition)").first(value.bind)
    }

    private func insert(_ value: Value, _ db: Database) throws -> Int64 {
        let places = Value.columns.map { _ in "?" }.joined(separator: ",")
        let columns = Value.columns.joined(separator: ",")
        let statement = try RowStatement(db, "INSERT INTO \(Value.table) (\(columns)) VALUES (\(places))")
        try statement.run(value.bind)
        return statement.insertedID
    }
}

extension Waker: DimensionValue {
    static let table = "wakers"
    static let columns = ["kind", "pid", "tid", "comm"]

    func bind(to row: inout RowStatement.Row) {
        row.add(kind.rawValue)
        row.add(pid)
        row.add(tid)
        row.add(comm)
    }
}

extension Occupant: DimensionValue {
    static let table = "occupants"
    static let columns = ["kind", "pid", "tid", "comm", "cgroup"]

    func bind(to row: inout RowStatement.Row) {
        row.add(kind.rawValue)
        row.add(pid)
        row.add(tid)
        row.add(comm)
        row.add(cgroup)
    }
}

extension BlockSubmitter: DimensionValue {
    static let table = "block_submitters"
    static let columns = ["pid", "tid", "comm", "cgroup"]

    func bind(to row: inout RowStatement.Row) {
        row.add(pid)
        row.add(tid)
        row.add(comm)
        row.add(cgroup)
    }
}
