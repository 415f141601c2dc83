import GRDB
import Model

/// Rows of call stacks, and of waits by stack.
struct StackRows {
    private let db: Database

    init(_ db: Database) { self.db = db }

    func store(_ batch: TickBatch, wakers: inout WakerRows) throws {
        try store(batch.frames)
        try store(batch.stacks)
        guard !batch.stackWaits.isEmpty else { return }
        // Before this tick's own pending waits are there.
        let resolve = try RowStatement(
            db,
            """
            UPDATE stack_samples SET waker = ?, waker_stack = ?
            WHERE waker = \(WakerRows.pendingID) AND stack = ? AND thread IN (
                SELECT id FROM thread_versions WHERE thread = (SELECT thread FROM thread_versions WHERE id = ?))
            """)
        for (thread, sample) in batch.stackWaits where sample.isCarried {
            let waker = try wakers.id(of: sample.waker, db)
            try resolve.run { row in
                row.add(waker)
                row.add(sample.wakerStack)
                row.add(sample.stack)
                row.add(thread)
            }
        }
        let insert = try RowStatement(db, "INSERT INTO stack_samples VALUES (?,?,?,?,?,?,?,?,?,?)")
        for (thread, sample) in batch.stackWaits {
            let waker = try wakers.id(of: sample.waker, db)
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(thread)
                row.add(sample.kind.rawValue)
                row.add(sample.resource)
                row.add(sample.stack)
                row.add(waker)
                row.add(sample.wakerStack)
                row.add(sample.count)
                row.add(sample.total)
                row.add(sample.longest)
            }
        }
    }

    private func store(_ frames: [(id: Int64, frame: StackFrame)]) throws {
        guard !frames.isEmpty else { return }
        let insert = try RowStatement(db, "INSERT INTO frame_rows VALUES (?,?,?,?,?,?,?,?)")
        for (id, frame) in frames {
            try insert.run { row in
                row.add(id)
                row.add(frame.function)
                row.add(frame.module)
                // SQLite's numbers have a sign: the kernel's addresses are stored with their bits as they are.
                row.add(Int64(bitPattern: frame.address))
                row.add(frame.offset)
                row.add(frame.file)
                row.add(frame.line)
                row.add(frame.isKernel ? 1 : 0)
            }
        }
    }

    private func store(_ stacks: [CallStack]) throws {
        guard !stacks.isEmpty else { return }
        let insert = try RowStatement(db, "INSERT INTO stack_rows VALUES (?,?)")
        let insertFrame = try RowStatement(db, "INSERT INTO stack_frame_rows VALUES (?,?,?)")
        for stack in stacks {
            try insert.run { row in
                row.add(stack.id)
                row.add(stack.folded)
            }
            for (depth, frame) in stack.frames.enumerated() {
                try insertFrame.run { row in
                    row.add(stack.id)
                    row.add(depth)
                    row.add(frame)
                }
            }
        }
    }
}
