import GRDB
import Model

/// Rows of requests of io_uring and aio.
enum AsyncRows {
    static func store(_ batch: TickBatch, _ db: Database) throws {
        guard !batch.async.isEmpty else { return }
        let insert = try RowStatement(
            db, "INSERT INTO async_samples VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)")
        var text: [UInt8] = []
        for (thread, sample) in batch.async {
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(thread)
                row.add(sample.ring)
                row.add(sample.file)
                row.add(sample.operation)
                row.add(sample.issue.rawValue)
                row.add(sample.requests)
                row.add(sample.errors)
                row.add(sample.completions)
                row.add(sample.untold)
                row.add(sample.total)
                row.add(sample.longest)
                row.add(sample.unreaped)
                row.add(sample.inFlight)
                row.add(sample.inFlightTotal)
                row.add(sample.lengths, text: &text)
            }
        }
    }
}
