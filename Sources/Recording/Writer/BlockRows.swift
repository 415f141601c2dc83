import GRDB
import Model

/// Rows of requests to block devices.
struct BlockRows: Sendable {
    private var submitters = DimensionRows<BlockSubmitter>()

    mutating func store(_ batch: TickBatch, _ db: Database) throws {
        guard !batch.block.isEmpty else { return }
        let insert = try RowStatement(
            db, "INSERT INTO block_samples VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        var text: [UInt8] = []
        for sample in batch.block {
            let submitter = try submitters.id(of: sample.submitter, db)
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(sample.device)
                row.add(sample.operation.rawValue)
                row.add(submitter)
                row.add(sample.requests)
                row.add(sample.bytes)
                row.add(sample.merges)
                row.add(sample.flushes)
                row.add(sample.errors)
                row.add(sample.queueTotal)
                row.add(sample.deviceTotal)
                row.add(sample.longest)
                row.add(sample.inFlight)
                row.add(sample.inFlightTotal)
                row.add(sample.queueLengths, text: &text)
                row.add(sample.deviceLengths, text: &text)
            }
        }
    }
}
