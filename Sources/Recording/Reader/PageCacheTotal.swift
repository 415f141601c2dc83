import GRDB
import Model

/// What a process did with a file in the page cache, over a stretch of a recording.  Numbers are pages.
public struct PageCacheTotal: Sendable, Equatable {
    /// nil: all processes that were not watched.
    public var pid: UInt32?
    public var comm: String?
    public var resourceID: Int64
    public var file: String?
    /// nil where the kernel does not tell, as `hits`, `misses` and `readAhead` are then.
    public var lookups: UInt64?
    public var misses: UInt64?
    /// Misses, and what was read ahead.
    public var readIn: UInt64
    public var dirtied: UInt64
    public var written: UInt64
    public var evicted: UInt64
    /// Of the file, when it was last looked at; nil if it never was.
    public var cachedPages: UInt64?
    /// Bytes.
    public var size: UInt64?

    public init(
        pid: UInt32?, comm: String?, resourceID: Int64, file: String?, lookups: UInt64?, misses: UInt64?,
        readIn: UInt64, dirtied: UInt64, written: UInt64, evicted: UInt64, cachedPages: UInt64?, size: UInt64?
    ) {
        (self.pid, self.comm, self.resourceID, self.file) = (pid, comm, resourceID, file)
        (self.lookups, self.misses, self.readIn) = (lookups, misses, readIn)
        (self.dirtied, self.written, self.evicted) = (dirtied, written, evicted)
        (self.cachedPages, self.size) = (cachedPages, size)
    }

    public var hits: UInt64? { lookups.map { $0 - min($0, misses ?? 0) } }
    public var readAhead: UInt64? { misses.map { readIn - min(readIn, $0) } }
}

extension Recording {
    /// By process and file, what was read in and asked for most first.  A filter's threads and
    /// processes do not choose among them, its times do.
    public func pageCacheTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [PageCacheTotal] {
        let ticks = try ticks(filter)
        guard let first = ticks.first?.number, let last = ticks.last?.number else { return [] }
        return try read { db in
            // Older recordings have none.
            guard try db.tableExists("page_cache_samples") else { return [] }
            let residency = try Self.lastResidency(first, last, db)
            return try Row.fetchAll(
                db,
                // With max(), SQLite takes the other columns from the row that has it: the name that the process had last.
                sql: """
                    SELECT r.pid AS pid, r.comm AS comm, max(r.tick) AS last, r.file AS id, max(f.name) AS file,
                        sum(r.lookups) AS lookups, sum(r.misses) AS misses, sum(r.read_in) AS read_in,
                        sum(r.dirtied) AS dirtied, sum(r.written) AS written, sum(r.evicted) AS evicted
                    FROM page_cache_samples r LEFT JOIN resource_rows f ON f.id = r.file
                    WHERE r.tick BETWEEN ? AND ?
                    GROUP BY r.pid, r.file
                    ORDER BY sum(r.read_in) DESC, sum(r.lookups) DESC, sum(r.dirtied) DESC, r.file, r.pid
                    """, arguments: [first, last]
            ).map { row in
                let id = row.integer("id")
                let pid = row.unsigned("pid")
                let comm = row.text("comm")
                return PageCacheTotal(
                    pid: pid == 0 ? nil : UInt32(clamping: pid), comm: comm.isEmpty ? nil : comm,
                    resourceID: id, file: row.optionalText("file"),
                    lookups: row.optionalUnsigned("lookups"),
                    misses: row.optionalUnsigned("misses"),
                    readIn: row.unsigned("read_in"), dirtied: row.unsigned("dirtied"),
                    written: row.unsigned("written"), evicted: row.unsigned("evicted"),
                    cachedPages: residency[id]?.cached, size: residency[id]?.size)
            }
        }
    }

    private static func lastResidency(
        _ first: Int64, _ last: Int64, _ db: Database
    ) throws -> [Int64: (cached: UInt64, size: UInt64)] {
        var found: [Int64: (cached: UInt64, size: UInt64)] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT file, cached, size FROM residency_samples WHERE tick BETWEEN ? AND ? ORDER BY tick",
            arguments: [first, last])
        while let row = try rows.next() {
            found[row.integer("file")] = (row.unsigned("cached"), row.unsigned("size"))
        }
        return found
    }
}
