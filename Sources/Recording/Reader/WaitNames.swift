import GRDB
import Model

/// What waits that are summed have in common, as numbers of the tables.
struct WaitKey: Hashable {
    var thread, resource, waker, member, device: Int64
    var kind, syscall: Int32
    var direction, uninterruptible, timedOut: Int8
}

/// The names behind the numbers of waits.
struct WaitNames {
    struct WakerName {
        var kind: String
        var pid, tid: UInt32?
        var comm: String?
    }

    let kinds, syscalls, resources, devices: [Int64: String]
    let wakers: [Int64: WakerName]

    init(_ db: Database) throws {
        kinds = try Self.names("SELECT id, name FROM wait_kinds", db)
        syscalls = try Self.syscallNames(db)
        resources = try Self.names("SELECT id, name FROM resource_rows", db)
        devices = try Self.names("SELECT id, name FROM devices", db)
        var wakers: [Int64: WakerName] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT w.id AS id, k.name AS kind, nullif(w.pid, 0) AS pid, nullif(w.tid, 0) AS tid,
                    nullif(w.comm, '') AS comm
                FROM wakers w LEFT JOIN waker_kinds k ON k.id = w.kind
                """)
        while let row = try rows.next() {
            wakers[row.integer("id")] = WakerName(
                kind: row.optionalText("kind") ?? "unknown",
                pid: row.optionalUnsigned("pid").map { UInt32(clamping: $0) },
                tid: row.optionalUnsigned("tid").map { UInt32(clamping: $0) }, comm: row.optionalText("comm"))
        }
        self.wakers = wakers
    }

    /// A sum of nothing yet, with the names of what is summed.
    func total(of key: WaitKey, by version: Selection.Version?) -> WaitTotal {
        let waker = wakers[key.waker]
        return WaitTotal(
            process: version?.process ?? 0, thread: key.thread, pid: version?.pid ?? 0,
            tid: version?.tid ?? 0, comm: version?.comm ?? "", processComm: version?.processComm ?? "",
            kind: kinds[Int64(key.kind)] ?? "unknown",
            direction: key.direction == 1 ? "read" : key.direction == 2 ? "write" : nil,
            syscall: syscalls[Int64(key.syscall)], isUninterruptible: key.uninterruptible != 0,
            resourceID: key.resource, resource: resources[key.resource],
            device: devices[key.device], memberID: key.member, member: resources[key.member],
            wakerKind: waker?.kind ?? "unknown", wakerPID: waker?.pid, wakerTID: waker?.tid,
            wakerComm: waker?.comm, timedOut: key.timedOut != 0, count: 0, total: 0, longest: 0,
            lengths: Histogram())
    }

    static func syscallNames(_ db: Database) throws -> [Int64: String] {
        try names("SELECT number, name FROM syscalls", db)
    }

    private static func names(_ sql: String, _ db: Database) throws -> [Int64: String] {
        var names: [Int64: String] = [:]
        let rows = try Row.fetchCursor(db, sql: sql)
        while let row = try rows.next() { names[row.integer(at: 0)] = row.text(at: 1) }
        return names
    }
}
