import GRDB
import Model

/// Rows of system calls, and of what they moved through sockets and pipes.
enum SyscallRows {
    static func store(_ batch: TickBatch, _ db: Database) throws {
        guard !batch.syscalls.isEmpty || !batch.traffic.isEmpty else { return }
        let calls = try RowStatement(db, "INSERT INTO syscall_samples VALUES (?,?,?,?,?,?,?,?,?,?,?)")
        var text: [UInt8] = []
        for (thread, sample) in batch.syscalls {
            try calls.run { row in
                row.add(batch.tick.number)
                row.add(thread)
                row.add(sample.syscall)
                row.add(sample.operation.rawValue)
                row.add(sample.calls)
                row.add(sample.errors)
                row.add(sample.positive)
                row.add(sample.total)
                row.add(sample.longest)
                row.add(sample.moved)
                row.add(sample.lengths, text: &text)
            }
        }
        let traffic = try RowStatement(db, "INSERT INTO traffic_samples VALUES (?,?,?,?,?,?)")
        for (thread, sample) in batch.traffic {
            try traffic.run { row in
                row.add(batch.tick.number)
                row.add(thread)
                row.add(sample.resource)
                row.add(sample.direction.rawValue)
                row.add(sample.calls)
                row.add(sample.bytes)
            }
        }
    }
}
