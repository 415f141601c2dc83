import GRDB
import Model

/// The header as rows of `meta`.
enum Header {
    static func store(_ header: RecordingHeader, _ db: Database) throws {
        try put("host", header.host, db)
        try put("kernel", header.kernel, db)
        try put("boot_id", header.bootID, db)
        try put("cpus", header.cpus, db)
        try put("started_ns", Int64(clamping: header.started), db)
        try put("interval_ns", Int64(clamping: header.interval), db)
        try put("command", header.command, db)
        try put("version", header.version, db)
        try put("finished", 0, db)
    }

    static func storeFinished(_ db: Database) throws { try put("finished", 1, db) }

    /// - Returns: the header, and whether the recording was finished in order.
    static func load(_ db: Database) throws -> (header: RecordingHeader, isFinished: Bool) {
        let rows = try Row.fetchAll(db, sql: "SELECT key, value FROM meta")
        var values: [String: DatabaseValue] = [:]
        for row in rows { values[row["key"]] = row["value"] }
        func text(_ key: String) -> String { values[key].flatMap(String.fromDatabaseValue) ?? "" }
        func number(_ key: String) -> Int64 { values[key].flatMap(Int64.fromDatabaseValue) ?? 0 }
        let header = RecordingHeader(
            host: text("host"), kernel: text("kernel"), bootID: text("boot_id"),
            cpus: Int(number("cpus")), started: UInt64(clamping: number("started_ns")),
            interval: UInt64(clamping: number("interval_ns")), command: text("command"),
            version: text("version"))
        return (header, number("finished") == 1)
    }

    private static func put(_ key: String, _ value: any DatabaseValueConvertible, _ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO meta VALUES (?, ?)", arguments: [key, value])
    }
}
