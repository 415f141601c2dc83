import GRDB
import Model

extension Recording {
    /// The single spells off the CPU that are kept and reach into a stretch of time, in the order of `Interval.ran`.
    ///
    /// Only within ``intervalSlices(in:)`` are these all that there were.  Of a recording that goes on, spells that are
    /// not over are missing.
    public func intervals(in range: Range<UInt64> = 0..<UInt64.max) throws(RecordingError) -> [Interval] {
        try read { db in
            guard try db.tableExists("interval_rows"), let ticks = try IntervalTicks(range, db) else {
                return []
            }
            var names = IntervalNames()
            var within: [Interval] = []
            var others: [Interval] = []
            try Self.forEachSpell(ticks, range, db) { span, spell in
                let interval = try Interval(spell, &names, db)
                if span == 0 { within.append(interval) } else { others.append(interval) }
            }
            guard !others.isEmpty else { return within }
            others.sort { $0.ran < $1.ran }
            return Self.merge(within, others)
        }
    }

    /// The stretches within `range` of which all spells of all targets are known, in order and as long as can be.
    public func intervalSlices(in range: Range<UInt64> = 0..<UInt64.max) throws(RecordingError)
        -> [IntervalSlice]
    {
        try read { db in
            guard try db.tableExists("interval_slice_rows"), let ticks = try IntervalTicks(range, db) else {
                return []
            }
            var slices: [IntervalSlice] = []
            let rows = try RawRows(
                db,
                "SELECT from_ns, to_ns FROM interval_slice_rows WHERE tick BETWEEN ? AND ? ORDER BY tick, from_ns"
            )
            // A tick's rows may tell of slices that ended a moment before it began.
            try rows.forEach([ticks.first, ticks.last + 1]) { row in
                let from = max(row.unsigned(0), range.lowerBound), to = min(row.unsigned(1), range.upperBound)
                guard from < to else { return }
                if let last = slices.last, from <= last.to {
                    slices[slices.count - 1].to = max(last.to, to)
                } else {
                    slices.append(IntervalSlice(from: from, to: to))
                }
            }
            return slices
        }
    }

    /// Hands out spells as they are stored, for sums over millions: those within a tick in the order of their ends, then the
    /// longer ones.  Nothing if the recording has none.
    ///
    /// - Parameter choice: leaves out spells that reach into none of its ticks.
    static func forEachSpell(
        in range: Range<UInt64>, _ choice: TickChoice?, _ db: Database, _ take: (StoredSpell) throws -> Void
    ) throws {
        guard try db.tableExists("interval_rows"), let ticks = try IntervalTicks(range, db) else { return }
        guard let choice else { return try forEachSpell(ticks, range, db) { try take($1) } }
        for run in choice.runs {
            try forEachSpell(of: 0, run.lowerBound...run.upperBound, ticks, range, db, take)
        }
        for span in 1..<IntervalID.spanCount {
            try forEachSpell(of: span, ticks.touched(by: span), ticks, range, db) { spell in
                if choice.touches(spell.left, spell.ran) { try take(spell) }
            }
        }
    }

    private static func forEachSpell(
        _ ticks: IntervalTicks, _ range: Range<UInt64>, _ db: Database,
        _ take: (_ span: Int64, StoredSpell) throws -> Void
    ) throws {
        for span in 0..<IntervalID.spanCount {
            try forEachSpell(of: span, ticks.touched(by: span), ticks, range, db) { try take(span, $0) }
        }
    }

    /// - Parameter ended: the ticks in which they ended.
    private static func forEachSpell(
        of span: Int64, _ ended: ClosedRange<Int64>, _ ticks: IntervalTicks, _ range: Range<UInt64>,
        _ db: Database,
        _ take: (StoredSpell) throws -> Void
    ) throws {
        let rows = try RawRows(
            db,
            """
            SELECT id, thread, before_ns, wait_ns, waking_ns, run_queue_ns, wait, occupant
            FROM interval_rows
            WHERE id >= ? AND id < ? ORDER BY id
            """)
        let base = IntervalID.base(ofSpan: span)
        var (number, time): (Int64, UInt64) = (-1, 0)
        let ids = [
            IntervalID.id(span: span, tick: ended.lowerBound),
            IntervalID.id(span: span, tick: ended.upperBound + 1),
        ]
        try rows.forEach(ids) { row in
            let tick = (row.integer(0) - base) >> IntervalID.bits
            if tick != number { (number, time) = (tick, ticks.ends[tick] ?? 0) }
            let ran = time &- UInt64(bitPattern: row.integer(2))
            let queued = ran &- row.unsigned(5)
            let woken = queued &- row.unsigned(4)
            let left = woken &- row.unsigned(3)
            guard left < range.upperBound, ran >= range.lowerBound else { return }
            try take(
                StoredSpell(
                    thread: row.integer(1), left: left, woken: woken, queued: queued, ran: ran,
                    wait: row.integer(6), occupant: row.integer(7)))
        }
    }

    private static func merge(_ left: [Interval], _ right: [Interval]) -> [Interval] {
        var merged: [Interval] = []
        merged.reserveCapacity(left.count + right.count)
        var index = 0
        for interval in left {
            while index < right.count, right[index].ran <= interval.ran {
                merged.append(right[index])
                index += 1
            }
            merged.append(interval)
        }
        merged += right[index...]
        return merged
    }
}

/// A row of `interval_rows`, with its times put together.
struct StoredSpell {
    /// `ThreadVersion.thread`.
    var thread: Int64
    /// As in `Interval`.
    var left, woken, queued, ran: UInt64
    /// Rows of `interval_waits` and `occupants`; 0 for none.
    var wait, occupant: Int64
}

extension Interval {
    fileprivate init(_ spell: StoredSpell, _ names: inout IntervalNames, _ db: Database) throws {
        let wait = try names.wait(spell.wait, db)
        self.init(
            thread: spell.thread, left: spell.left, woken: spell.woken, queued: spell.queued, ran: spell.ran,
            wait: wait?.subject,
            waker: wait?.waker ?? Waker(kind: .unknown), wakerThread: wait?.wakerThread ?? 0,
            member: wait?.member ?? 0, timedOut: wait?.timedOut ?? false,
            occupant: try names.occupant(spell.occupant, db))
    }
}

/// The ticks that a stretch of time touches, and the ends of those and all later ones.
struct IntervalTicks {
    let first: Int64
    let last: Int64
    let newest: Int64
    let ends: [Int64: UInt64]

    /// The ticks in which spells of a span may end that reach into the stretch.
    fileprivate func touched(by span: Int64) -> ClosedRange<Int64> {
        first...max(first, min(last + IntervalID.reach(ofSpan: span), newest))
    }

    /// nil if there are none.
    init?(_ range: Range<UInt64>, _ db: Database) throws {
        var (first, last, newest): (Int64?, Int64, Int64) = (nil, 0, 0)
        var ends: [Int64: UInt64] = [:]
        try RawRows(db, "SELECT tick, time_ns, duration_ns FROM ticks WHERE time_ns >= ? ORDER BY tick")
            .forEach(
                [Int64(clamping: range.lowerBound)]
            ) { row in
                let (tick, end) = (row.integer(0), row.unsigned(1))
                if first == nil { (first, last) = (tick, tick) }
                if end &- row.unsigned(2) < range.upperBound { last = tick }
                newest = tick
                ends[tick] = end
            }
        guard let first else { return nil }
        (self.first, self.last, self.newest, self.ends) = (first, last, newest, ends)
    }
}

/// What the small numbers of intervals stand for, read when they are first met.
struct IntervalNames {
    struct Wait {
        var subject: WaitSubject
        var waker: Waker
        var wakerThread: Int64
        var member: Int64
        var timedOut: Bool
    }

    private var waits: [Int64: Wait] = [:]
    private var occupants: [Int64: Occupant] = [:]
    private var lastWait: (id: Int64, wait: Wait)?
    private var lastOccupant: (id: Int64, occupant: Occupant)?

    mutating func wait(_ id: Int64, _ db: Database) throws -> Wait? {
        if id == 0 { return nil }
        if let last = lastWait, last.id == id { return last.wait }
        if waits[id] == nil {
            let rows = try RawRows(
                db,
                """
                SELECT w.kind, w.syscall, w.direction, w.flags, w.resource, w.device, w.waker_thread, w.member,
                    w.timed_out, a.kind, a.pid, a.tid, a.comm
                FROM interval_waits w LEFT JOIN wakers a ON a.id = w.waker WHERE w.id = ?
                """)
            try rows.forEach([id]) { waits[id] = Wait($0) }
        }
        lastWait = waits[id].map { (id, $0) }
        return lastWait?.wait
    }

    mutating func occupant(_ id: Int64, _ db: Database) throws -> Occupant? {
        if id == 0 { return nil }
        if let last = lastOccupant, last.id == id { return last.occupant }
        if occupants[id] == nil {
            let rows = try RawRows(db, "SELECT kind, pid, tid, comm, cgroup FROM occupants WHERE id = ?")
            try rows.forEach([id]) { row in
                occupants[id] = Occupant(
                    kind: OccupantKind(rawValue: UInt8(clamping: row.integer(0))) ?? .unknown,
                    pid: UInt32(clamping: row.integer(1)), tid: UInt32(clamping: row.integer(2)),
                    comm: row.text(3), cgroup: row.text(4))
            }
        }
        lastOccupant = occupants[id].map { (id, $0) }
        return lastOccupant?.occupant
    }
}

extension IntervalNames.Wait {
    init(_ row: RawRows.Columns) {
        subject = WaitSubject(
            kind: row.integer(0), syscall: row.integer(1), direction: row.integer(2), flags: row.integer(3),
            resource: row.integer(4), device: row.integer(5))
        wakerThread = row.integer(6)
        member = row.integer(7)
        timedOut = row.integer(8) != 0
        waker = Waker(
            kind: WakerKind(rawValue: UInt8(clamping: row.integer(9))) ?? .unknown,
            pid: UInt32(clamping: row.integer(10)), tid: UInt32(clamping: row.integer(11)), comm: row.text(12)
        )
    }
}
