import GRDB

/// Tables and views of single spells off the CPU; since format 2.
///
/// A row's id says in which tick its spell ended.  Spells that began in an earlier one have ids of their own range for
/// each power of two of how many ticks ago that was, so that those that reach into a stretch of time are found without
/// reading all later ones.  The spells that lie in one tick, nearly all, have the largest ids: they are appended.
enum IntervalSchema {
    static func create(_ db: Database) throws {
        try db.execute(sql: tables + views)
        for span in 0..<IntervalID.spanCount {
            try db.execute(
                sql: "INSERT INTO interval_spans VALUES (?, ?)",
                arguments: [span, IntervalID.base(ofSpan: span)])
        }
    }

    private static let tables = """
        CREATE TABLE interval_rows (
            id INTEGER PRIMARY KEY,
            thread INTEGER NOT NULL,
            before_ns INTEGER NOT NULL,
            wait_ns INTEGER NOT NULL,
            waking_ns INTEGER NOT NULL,
            run_queue_ns INTEGER NOT NULL,
            wait INTEGER NOT NULL,
            occupant INTEGER NOT NULL);
        CREATE TABLE interval_waits (
            id INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            syscall INTEGER NOT NULL,
            direction INTEGER NOT NULL,
            flags INTEGER NOT NULL,
            resource INTEGER NOT NULL,
            device INTEGER NOT NULL,
            waker INTEGER NOT NULL,
            waker_thread INTEGER NOT NULL,
            member INTEGER NOT NULL,
            timed_out INTEGER NOT NULL,
            UNIQUE (resource, waker, kind, syscall, direction, flags, device, waker_thread, member, timed_out));
        CREATE TABLE held_lock_rows (
            tick INTEGER NOT NULL, waiter INTEGER NOT NULL, holder INTEGER NOT NULL, resource INTEGER NOT NULL);
        CREATE TABLE interval_spans (span INTEGER PRIMARY KEY, base INTEGER NOT NULL);
        CREATE TABLE interval_slice_rows (
            tick INTEGER NOT NULL,
            from_ns INTEGER NOT NULL,
            to_ns INTEGER NOT NULL,
            PRIMARY KEY (tick, from_ns)) WITHOUT ROWID;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('interval_rows', NULL, '5000000'),
            ('interval_waits', 'sqlite_autoindex_interval_waits_1', '2000 4 2 1 1 1 1 1 1 1 1'),
            ('interval_spans', NULL, '\(IntervalID.spanCount)'),
            ('interval_slice_rows', 'interval_slice_rows', '20000 6 1');

        """

    private static let views = """
        CREATE VIEW intervals AS
        SELECT
            t.time_ns - r.before_ns - r.run_queue_ns - r.waking_ns - r.wait_ns AS time_ns, t.tick AS tick, p.pid AS pid,
            v.tid AS tid, p.process AS process, r.thread AS thread, v.comm AS comm, p.comm AS process_comm,
            r.wait_ns AS wait_ns, r.waking_ns AS waking_ns, r.run_queue_ns AS run_queue_ns, k.name AS kind,
            CASE w.direction WHEN 1 THEN 'read' WHEN 2 THEN 'write' END AS direction, c.name AS syscall,
            coalesce(w.resource, 0) AS resource_id, o.name AS resource, d.name AS device,
            coalesce(w.member, 0) AS member_id, m.name AS member, wk.name AS waker_kind,
            nullif(a.pid, 0) AS waker_pid, nullif(a.tid, 0) AS waker_tid, nullif(a.comm, '') AS waker_comm,
            nullif(w.waker_thread, 0) AS waker_thread, coalesce(w.timed_out, 0) AS timed_out,
            ok.name AS occupant_kind, nullif(b.pid, 0) AS occupant_pid, nullif(b.tid, 0) AS occupant_tid,
            nullif(b.comm, '') AS occupant_comm, nullif(b.cgroup, '') AS occupant_cgroup
        FROM ticks t JOIN interval_spans s
        JOIN interval_rows r
            ON r.id >= s.base + (t.tick << \(IntervalID.bits)) AND r.id < s.base + ((t.tick + 1) << \(IntervalID.bits))
        LEFT JOIN thread_versions v ON v.id = (
            SELECT n.id FROM thread_versions n
            WHERE n.thread = r.thread AND n.since_ns <= t.time_ns ORDER BY n.id DESC LIMIT 1)
        LEFT JOIN process_versions p ON p.id = v.process
        LEFT JOIN interval_waits w ON w.id = r.wait
        LEFT JOIN wait_kinds k ON k.id = w.kind
        LEFT JOIN syscalls c ON c.number = w.syscall
        LEFT JOIN resource_rows o ON o.id = w.resource
        LEFT JOIN resource_rows m ON m.id = w.member
        LEFT JOIN devices d ON d.id = w.device
        LEFT JOIN wakers a ON a.id = w.waker
        LEFT JOIN waker_kinds wk ON wk.id = a.kind
        LEFT JOIN occupants b ON b.id = r.occupant
        LEFT JOIN occupant_kinds ok ON ok.id = b.kind;

        CREATE VIEW held_locks AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, r.waiter AS thread, r.holder AS holder_thread,
            r.resource AS resource_id, o.name AS resource,
            (SELECT v.tid FROM thread_versions v WHERE v.thread = r.waiter ORDER BY v.id DESC LIMIT 1) AS tid,
            (SELECT v.tid FROM thread_versions v WHERE v.thread = r.holder ORDER BY v.id DESC LIMIT 1) AS holder_tid
        FROM ticks t JOIN held_lock_rows r ON r.tick = t.tick
        LEFT JOIN resource_rows o ON o.id = r.resource;

        CREATE VIEW interval_slices AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, r.from_ns AS from_ns, r.to_ns AS to_ns,
            t.duration_ns AS duration_ns
        FROM ticks t JOIN interval_slice_rows r ON r.tick = t.tick;
        """
}

/// Ids of `interval_rows`.
enum IntervalID {
    /// Of a spell's number within its tick.
    static let bits: Int64 = 26
    static let spanCount: Int64 = 33

    /// Added to the tick and the number.
    static func base(ofSpan span: Int64) -> Int64 { span == 0 ? 0 : Int64.min + span << 57 }

    static func id(span: Int64, tick: Int64, number: Int64 = 0) -> Int64 {
        base(ofSpan: span) + (min(max(tick, 0), 1 << 31 - 1) << bits) + min(number, 1 << bits - 1)
    }

    /// The span of a spell that began so many ticks ago: 0 for 0, 1 for 1, 2 for 2 and 3, 3 for 4 to 7, ...
    static func span(ticks: Int64) -> Int64 {
        ticks <= 0 ? 0 : min(spanCount - 1, Int64(64 - ticks.leadingZeroBitCount))
    }

    /// The most ticks ago that a spell of a span began.
    static func reach(ofSpan span: Int64) -> Int64 { span == spanCount - 1 ? 1 << 31 - 1 : 1 << span - 1 }
}
