import GRDB
import Model

/// Run-queue time of one thread by who held the CPU, over a stretch of a recording.
public struct OccupantTotal: Sendable, Equatable {
    public var process: Int64
    public var thread: Int64
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    public var processComm: String
    /// `OccupantKind.name`.
    public var kind: String
    public var occupantPID: UInt32?
    public var occupantTID: UInt32?
    public var occupantComm: String?
    /// The occupant's cgroup, or the one whose quota was used up.
    public var cgroup: String?
    public var count: UInt64
    /// Nanoseconds.
    public var total: UInt64
}

extension Recording {
    /// Who kept the filter's threads in the run queue, the longest total first.
    public func occupantTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [OccupantTotal] {
        try read { db in
            let selection = try Selection(filter, db)
            let sums = try Self.occupantSums(filter, selection, db)
            let names = try OccupantNames(db)
            return sums.map { key, sum in
                names.total(
                    key.thread, selection.versions[sum.version], key.occupant, count: sum.count,
                    total: sum.total)
            }.sorted { ($1.total, $0.thread) < ($0.total, $1.thread) }
        }
    }

    private struct OccupantKey: Hashable {
        var thread, occupant: Int64
    }

    private struct OccupantSum {
        var version: Int64 = 0
        var count: UInt64 = 0
        var total: UInt64 = 0
    }

    private static func occupantSums(
        _ filter: Filter, _ selection: Selection, _ db: Database
    ) throws -> [OccupantKey: OccupantSum] {
        let source = selection.source("occupant_samples", filter)
        let rows = try Row.fetchCursor(
            db, sql: "SELECT r.thread, r.occupant, r.count, r.total_ns \(source.sql)",
            arguments: source.arguments)
        var sums: [OccupantKey: OccupantSum] = [:]
        while let row = try rows.next() {
            let version = selection.versions[row.integer(at: 0)]
            if version == nil, selection.isSelective { continue }
            let key = OccupantKey(thread: version?.thread ?? 0, occupant: row.integer(at: 1))
            sums[key, default: OccupantSum()].version = max(sums[key]?.version ?? 0, row.integer(at: 0))
            sums[key]?.count &+= row.unsigned(at: 2)
            sums[key]?.total &+= row.unsigned(at: 3)
        }
        return sums
    }
}

/// The names behind the numbers of occupants.
struct OccupantNames {
    private var names: [Int64: Row] = [:]

    init(_ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT o.id AS id, k.name AS kind, nullif(o.pid, 0) AS pid, nullif(o.tid, 0) AS tid,
                    nullif(o.comm, '') AS comm, nullif(o.cgroup, '') AS cgroup
                FROM occupants o LEFT JOIN occupant_kinds k ON k.id = o.kind
                """)
        for row in rows { names[row.integer("id")] = row }
    }

    func total(
        _ thread: Int64, _ version: Selection.Version?, _ occupant: Int64, count: UInt64, total: UInt64
    ) -> OccupantTotal {
        let name = names[occupant]
        return OccupantTotal(
            process: version?.process ?? 0, thread: thread, pid: version?.pid ?? 0,
            tid: version?.tid ?? 0, comm: version?.comm ?? "", processComm: version?.processComm ?? "",
            kind: name?.optionalText("kind") ?? "unknown",
            occupantPID: name?.optionalUnsigned("pid").map { UInt32(clamping: $0) },
            occupantTID: name?.optionalUnsigned("tid").map { UInt32(clamping: $0) },
            occupantComm: name?.optionalText("comm"), cgroup: name?.optionalText("cgroup"),
            count: count, total: total)
    }
}
