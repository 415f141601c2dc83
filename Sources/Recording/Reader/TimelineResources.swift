import GRDB
import Model

/// Block devices and the page cache by bins of time.  Recordings of format 1 have neither.
struct TimelineResources {
    private let axis: BinAxis

    init(_ axis: BinAxis) { self.axis = axis }

    func block(_ db: Database) throws -> [TimelineBlock] {
        guard try db.tableExists("block_samples") else { return [] }
        return try load(
            db,
            """
            SELECT r.tick, d.name, o.name, s.pid, s.comm, sum(r.requests), sum(r.device_ns), sum(r.queue_ns), sum(r.bytes)
            FROM block_samples r
            LEFT JOIN devices d ON d.id = r.device
            LEFT JOIN block_operations o ON o.id = r.operation
            LEFT JOIN block_submitters s ON s.id = r.submitter
            GROUP BY r.tick, r.device, r.operation, s.pid, s.comm ORDER BY r.tick
            """, key: 1...4
        ) { row in
            TimelineBlock(
                device: row.name(1), operation: row.name(2), pid: row.pid(3), comm: row.optionalText(4))
        } add: { row, bin, series in
            series.deviceTime.add(row.unsigned(6), count: row.unsigned(5), bin: bin)
            series.queueTime.add(row.unsigned(7), bin: bin)
            series.bytes.add(row.unsigned(8), bin: bin)
        }
    }

    func pages(_ db: Database) throws -> [TimelinePages] {
        guard try db.tableExists("page_cache_samples") else { return [] }
        return try load(
            db,
            """
            SELECT r.tick, r.file, r.pid, f.name, r.comm, r.lookups, r.misses, r.read_in, r.dirtied, r.evicted
            FROM page_cache_samples r LEFT JOIN resource_rows f ON f.id = r.file ORDER BY r.tick
            """, key: 1...2
        ) { row in
            TimelinePages(file: row.name(3), pid: row.pid(2), comm: row.optionalText(4))
        } add: { row, bin, series in
            series.lookups.add(row.unsigned(5), bin: bin)
            series.misses.add(row.unsigned(6), bin: bin)
            series.readIn.add(row.unsigned(7), bin: bin)
            series.dirtied.add(row.unsigned(8), bin: bin)
            series.evicted.add(row.unsigned(9), bin: bin)
        }
    }

    /// One series for each combination of the columns in `key`; the first column is the tick.
    private func load<Series>(
        _ db: Database, _ sql: String, key: ClosedRange<Int32>, make: (RawRows.Columns) -> Series,
        add: (RawRows.Columns, UInt32, inout Series) -> Void
    ) throws -> [Series] {
        var index: [[String]: Int] = [:]
        var found: [Series] = []
        try RawRows(db, sql).forEach([]) { row in
            guard let bin = axis.bin(of: row.integer(0)) else { return }
            let name = key.map(row.text)
            let place = index[name] ?? found.count
            if place == found.count {
                index[name] = place
                found.append(make(row))
            }
            add(row, bin, &found[place])
        }
        return found
    }
}

extension RawRows.Columns {
    fileprivate func name(_ column: Int32) -> String { optionalText(column) ?? "?" }
    fileprivate func optionalText(_ column: Int32) -> String? {
        let text = text(column)
        return text.isEmpty ? nil : text
    }
    fileprivate func pid(_ column: Int32) -> UInt32? {
        let pid = UInt32(clamping: unsigned(column))
        return pid == 0 ? nil : pid
    }
}
