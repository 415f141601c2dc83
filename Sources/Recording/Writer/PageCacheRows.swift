import GRDB
import Model

/// Rows of the page cache.
enum PageCacheRows {
    static func store(_ batch: TickBatch, _ db: Database) throws {
        let insert = try RowStatement(db, "INSERT INTO page_cache_samples VALUES (?,?,?,?,?,?,?,?,?,?)")
        for sample in batch.pageCache {
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(sample.file)
                row.add(sample.pid)
                row.add(sample.comm)
                row.add(sample.lookups)
                row.add(sample.misses)
                row.add(sample.readIn)
                row.add(sample.dirtied)
                row.add(sample.written)
                row.add(sample.evicted)
            }
        }
        let residency = try RowStatement(db, "INSERT INTO residency_samples VALUES (?,?,?,?,?,?)")
        for sample in batch.residency {
            try residency.run { row in
                row.add(batch.tick.number)
                row.add(sample.file)
                row.add(sample.size)
                row.add(sample.cached)
                row.add(sample.dirty)
                row.add(sample.underWriteBack)
            }
        }
    }
}

extension RowStatement.Row {
    fileprivate mutating func add(_ value: UInt64?) {
        if let value { add(value) } else { addNull() }
    }
}
