import GRDB
import Model

/// The format of a recording: what identifies the file, and its migrations.
enum Schema {
    /// `PRAGMA application_id`: "Stal" in ASCII.
    static let applicationID: Int64 = 0x5374_616c
    /// `PRAGMA user_version`: grows with each migration, so a tool without ours can see it too.
    static let version = 3

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: Tables.all)
            try db.execute(sql: Views.all)
            try fillDimensions(db)
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        migrator.registerMigration("2") { db in
            try db.execute(sql: BlockIOSchema.all)
            try db.execute(sql: PressureSchema.all)
            try db.execute(sql: PMUSchema.all)
            try db.execute(sql: PageCacheSchema.all)
            try db.execute(sql: HostSchema.all)
            for operation in RequestOperation.allCases {
                try db.execute(
                    sql: "INSERT INTO block_operations VALUES (?, ?)",
                    arguments: [Int(operation.rawValue), operation.name])
            }
            try SystemCallSchema.create(db)
            try AsyncIOSchema.create(db)
            try db.execute(sql: TaskstatsSchema.all)
            try IntervalSchema.create(db)
            try db.execute(sql: StackSchema.all)
            try db.execute(sql: "PRAGMA user_version = \(version)")
        }
        return migrator
    }

    /// The columns of an idle run `r` that say how far its ends are from those of its ticks; format 2 had none.
    static func idleOffsets(_ db: Database) throws -> (begin: String, end: String) {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        return found < 3 ? ("0", "0") : ("r.begin_offset_ns", "r.end_offset_ns")
    }

    /// The names behind the small numbers, so that a file explains itself to any tool.
    private static func fillDimensions(_ db: Database) throws {
        for kind in WaitKind.allCases {
            try db.execute(
                sql: "INSERT INTO wait_kinds VALUES (?, ?)", arguments: [Int(kind.rawValue), kind.name])
        }
        for kind in WakerKind.allCases {
            try db.execute(
                sql: "INSERT INTO waker_kinds VALUES (?, ?)", arguments: [Int(kind.rawValue), kind.name])
        }
        for kind in ResourceKind.allCases {
            try db.execute(
                sql: "INSERT INTO resource_kinds VALUES (?, ?)", arguments: [Int(kind.rawValue), kind.name])
        }
        for kind in OccupantKind.allCases {
            try db.execute(
                sql: "INSERT INTO occupant_kinds VALUES (?, ?)", arguments: [Int(kind.rawValue), kind.name])
        }
        for (number, name) in Syscalls.all {
            try db.execute(sql: "INSERT INTO syscalls VALUES (?, ?)", arguments: [number, name])
        }
        for span in 0..<IdleSpan.count {
            try db.execute(
                sql: "INSERT INTO idle_spans VALUES (?, ?)",
                arguments: [span, Int64(1) << Int64(span + 1)])
        }
        try db.execute(
            sql: "INSERT INTO idle_spans VALUES (?, ?)", arguments: [IdleSpan.open, Int64(1) << 40])
        try db.execute(sql: "INSERT INTO wakers VALUES (0, 0, 0, 0, '')")
    }
}

/// Idle runs are stored by the power of two of their length.  All runs of span `s` that cover a tick `t`
/// begin within 2^(s+1) ticks before it, so they are found by an index and without reading the others.
enum IdleSpan {
    static let count = 32
    /// The span of runs that have not ended: any length.
    static let open = 63

    /// The span of a run of `ticks` ticks, which is at least 1.
    static func of(ticks: Int64) -> Int {
        min(count - 1, 63 - max(1, ticks).leadingZeroBitCount)
    }
}
