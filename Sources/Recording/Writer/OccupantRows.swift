import GRDB
import Model

/// Rows of run-queue time by occupant.
struct OccupantRows: Sendable {
    private var occupants = DimensionRows<Occupant>()

    /// The row of an occupant, inserted if it is new.
    mutating func id(of occupant: Occupant, _ db: Database) throws -> Int64 {
        try occupants.id(of: occupant, db)
    }

    mutating func store(_ batch: TickBatch, _ db: Database) throws {
        let insert = try RowStatement(db, "INSERT INTO occupant_samples VALUES (?,?,?,?,?)")
        for (thread, sample) in batch.occupants {
            let occupant = try occupants.id(of: sample.occupant, db)
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(thread)
                row.add(occupant)
                row.add(sample.count)
                row.add(sample.total)
            }
        }
    }
}
