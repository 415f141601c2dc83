import GRDB
import Model

/// Rows of the kernel's own account of threads.
enum TaskstatsRows {
    static func store(_ batch: TickBatch, _ db: Database) throws {
        guard !batch.accounts.isEmpty else { return }
        let columns = 4 + TaskstatsSchema.counters.count + TaskstatsSchema.delayColumns.count
        let marks = [String](repeating: "?", count: columns).joined(separator: ",")
        let insert = try RowStatement(db, "INSERT INTO taskstats_samples VALUES (\(marks))")
        for sample in batch.accounts {
            let counters = sample.counters
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(sample.thread)
                row.add(sample.exitCode == nil ? 0 : 1)
                row.addOptional(sample.exitCode.map(Int64.init))
                for value in [
                    counters.cpu.count, counters.cpu.total, counters.runReal, counters.runVirtual,
                    counters.voluntary, counters.involuntary, counters.readBytes, counters.writtenBytes,
                ] { row.add(value) }
                let delays = counters.delays
                for delay in [
                    delays?.blockIO, delays?.swapIn, delays?.reclaim, delays?.thrashing, delays?.compaction,
                    delays?.writeProtectCopy, delays?.interrupts,
                ] {
                    row.addOptional(delay.map { Int64(clamping: $0.count) })
                    row.addOptional(delay.map { Int64(clamping: $0.total) })
                }
            }
        }
    }
}
