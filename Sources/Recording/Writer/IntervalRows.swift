import GRDB
import Model

/// Rows of single spells off the CPU, and of the slices of which all are known.
struct IntervalRows: Sendable {
    private var waits = DimensionRows<IntervalWait>()
    /// All ticks so far, by when they began.
    private var ticks: [(number: Int64, from: UInt64)] = []

    mutating func store(
        _ batch: TickBatch, wakers: inout WakerRows, occupants: inout OccupantRows, _ db: Database
    ) throws {
        ticks.append((batch.tick.number, batch.tick.time &- batch.tick.duration))
        try storeSlices(batch, db)
        try storeLocks(batch, db)
        guard !batch.intervals.isEmpty else { return }
        let insert = try RowStatement(db, "INSERT INTO interval_rows VALUES (?,?,?,?,?,?,?,?)")
        for (number, interval) in batch.intervals.enumerated() {
            let wait = try interval.wait.map { subject in
                try waits.id(
                    of: IntervalWait(
                        subject: subject, waker: try wakers.id(of: interval.waker, db),
                        wakerThread: interval.wakerThread, member: interval.member,
                        timedOut: interval.timedOut),
                    db)
            }
            let occupant = try interval.occupant.map { try occupants.id(of: $0, db) }
            let span = IntervalID.span(ticks: ticksSince(interval.left))
            try insert.run { row in
                row.add(IntervalID.id(span: span, tick: batch.tick.number, number: Int64(number)))
                row.add(interval.thread)
                row.add(Int64(bitPattern: batch.tick.time &- interval.ran))
                row.add(interval.woken &- interval.left)
                row.add(interval.queued &- interval.woken)
                row.add(interval.ran &- interval.queued)
                row.add(wait ?? 0)
                row.add(occupant ?? 0)
            }
        }
    }

    /// How many ticks ago the one was that began last before a time.
    private func ticksSince(_ time: UInt64) -> Int64 {
        guard let present = ticks.last, time < present.from else { return 0 }
        var (low, high) = (0, ticks.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            if ticks[middle].from <= time { low = middle } else { high = middle - 1 }
        }
        return present.number - ticks[low].number
    }

    private func storeLocks(_ batch: TickBatch, _ db: Database) throws {
        guard !batch.heldLocks.isEmpty else { return }
        let insert = try RowStatement(db, "INSERT INTO held_lock_rows VALUES (?,?,?,?)")
        for lock in batch.heldLocks {
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(lock.waiter)
                row.add(lock.holder)
                row.add(lock.resource)
            }
        }
    }

    private func storeSlices(_ batch: TickBatch, _ db: Database) throws {
        if let since = batch.slicesVoidSince {
            let delete = try RowStatement(db, "DELETE FROM interval_slice_rows WHERE to_ns > ?")
            try delete.run { $0.add(since) }
        }
        let insert = try RowStatement(db, "INSERT OR REPLACE INTO interval_slice_rows VALUES (?,?,?)")
        for slice in batch.slices {
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(slice.from)
                row.add(slice.to)
            }
        }
    }
}

/// What a spell waited for and what ended that, as a row that many spells share.
struct IntervalWait: Hashable, Sendable {
    var subject: WaitSubject
    /// Row of the waker.
    var waker: Int64
    var wakerThread: Int64
    var member: Int64
    var timedOut: Bool
}

extension IntervalWait: DimensionValue {
    static let table = "interval_waits"
    static let columns = [
        "kind", "syscall", "direction", "flags", "resource", "device", "waker", "waker_thread", "member",
        "timed_out",
    ]

    func bind(to row: inout RowStatement.Row) {
        row.add(subject)
        row.add(waker)
        row.add(wakerThread)
        row.add(member)
        row.add(timedOut ? 1 : 0)
    }
}
