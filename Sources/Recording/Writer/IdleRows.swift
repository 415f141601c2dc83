import GRDB
import Model

/// Threads that stay in one wait: a row when that begins and a change when it ends, nothing in between.
struct IdleRows: Sendable {
    /// First ticks of the runs that have not ended, by thread version.
    private var open: [Int64: Int64] = [:]

    private struct Statements {
        let insert, delete, close: RowStatement

        init(_ db: Database) throws {
            insert = try RowStatement(
                db,
                """
                INSERT INTO idle_runs (span, first_tick, begin_offset_ns, thread, kind, syscall, direction, flags,
                    resource, device)
                VALUES (\(IdleSpan.open),?,?,?,?,?,?,?,?,?)
                """)
            delete = try RowStatement(
                db, "DELETE FROM idle_runs WHERE span = \(IdleSpan.open) AND first_tick = ? AND thread = ?")
            close = try RowStatement(
                db,
                """
                UPDATE idle_runs SET span = ?, last_tick = ?, end_offset_ns = ?, waker = ?, member = ?, timed_out = ?
                WHERE span = \(IdleSpan.open) AND first_tick = ? AND thread = ?
                """)
        }
    }

    mutating func store(_ batch: TickBatch, wakers: inout WakerRows, _ db: Database) throws {
        if batch.idleRuns.isEmpty, batch.idleRunEnds.isEmpty { return }
        let statements = try Statements(db)
        // A thread's run can end in the tick in which its next one begins.
        for end in batch.idleRunEnds { try store(end, wakers: &wakers, db, statements) }
        for run in batch.idleRuns { try store(run, statements) }
    }

    private mutating func store(_ run: IdleRun, _ statements: Statements) throws {
        try statements.insert.run { row in
            row.add(run.firstTick)
            row.add(run.beginOffset)
            row.add(run.thread)
            row.add(run.subject)
        }
        open[run.thread] = run.firstTick
    }

    private mutating func store(
        _ end: IdleRunEnd, wakers: inout WakerRows, _ db: Database, _ statements: Statements
    ) throws {
        guard let first = open.removeValue(forKey: end.thread) else { return }
        guard end.lastTick >= first else {
            return try statements.delete.run { row in
                row.add(first)
                row.add(end.thread)
            }
        }
        let waker = try wakers.id(of: end.waker, db)
        try statements.close.run { row in
            row.add(IdleSpan.of(ticks: end.lastTick - first + 1))
            row.add(end.lastTick)
            row.add(end.endOffset)
            row.add(waker)
            row.add(end.member)
            row.add(end.timedOut ? 1 : 0)
            row.add(first)
            row.add(end.thread)
        }
    }
}
