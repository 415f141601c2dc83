import GRDB
import Model

/// Rows of stall times.
enum PressureRows {
    /// Ticks in which nothing was stalled have no rows.
    static func store(_ batch: TickBatch, _ db: Database) throws {
        let insert = try RowStatement(db, "INSERT INTO pressure_samples VALUES (?,?,?,?,?)")
        for sample in batch.pressure where sample.some > 0 || sample.full > 0 {
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(sample.cgroup)
                row.add(sample.resource.rawValue)
                row.add(sample.some)
                row.add(sample.full)
            }
        }
    }
}
