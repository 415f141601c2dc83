/// Tables and views of call stacks; since format 2.
enum StackSchema {
    static let all = tables + views

    /// A thread has one pending wait at a time, so what ended it is written into its pending rows by their thread.
    private static let tables = """
        CREATE TABLE frame_rows (
            id INTEGER PRIMARY KEY,
            function TEXT NOT NULL,
            module TEXT NOT NULL,
            address INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            file TEXT NOT NULL,
            line INTEGER NOT NULL,
            is_kernel INTEGER NOT NULL);
        CREATE TABLE stack_rows (id INTEGER PRIMARY KEY, folded TEXT NOT NULL);
        CREATE TABLE stack_frame_rows (
            stack INTEGER NOT NULL,
            depth INTEGER NOT NULL,
            frame INTEGER NOT NULL,
            PRIMARY KEY (stack, depth)) WITHOUT ROWID;
        CREATE TABLE stack_samples (
            tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            resource INTEGER NOT NULL,
            stack INTEGER NOT NULL,
            waker INTEGER NOT NULL,
            waker_stack INTEGER NOT NULL,
            count INTEGER NOT NULL,
            total_ns INTEGER NOT NULL,
            max_ns INTEGER NOT NULL);
        CREATE INDEX stack_samples_tick ON stack_samples (tick, thread);
        CREATE INDEX stack_samples_pending ON stack_samples (thread) WHERE waker = 0;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('frame_rows', NULL, '10000'),
            ('stack_rows', NULL, '2000'),
            ('stack_frame_rows', 'stack_frame_rows', '40000 20 1'),
            ('stack_samples', 'stack_samples_tick', '4000000 1200 2'),
            ('stack_samples', 'stack_samples_pending', '1000000 1000');

        """

    private static let views = """
        CREATE VIEW stack_waits AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid, p.process AS process,
            v.thread AS thread, v.comm AS comm, p.comm AS process_comm, k.name AS kind,
            r.resource AS resource_id, o.name AS resource, nullif(r.stack, 0) AS stack_id, s.folded AS stack,
            wk.name AS waker_kind, nullif(w.pid, 0) AS waker_pid, nullif(w.tid, 0) AS waker_tid,
            nullif(w.comm, '') AS waker_comm, nullif(r.waker_stack, 0) AS waker_stack_id,
            ws.folded AS waker_stack, r.count AS count, r.total_ns AS total_ns, r.max_ns AS max_ns
        FROM ticks t JOIN stack_samples r ON r.tick = t.tick
        LEFT JOIN thread_versions v ON v.id = r.thread
        LEFT JOIN process_versions p ON p.id = v.process
        LEFT JOIN wait_kinds k ON k.id = r.kind
        LEFT JOIN resource_rows o ON o.id = r.resource
        LEFT JOIN stack_rows s ON s.id = r.stack
        LEFT JOIN stack_rows ws ON ws.id = r.waker_stack
        LEFT JOIN wakers w ON w.id = r.waker
        LEFT JOIN waker_kinds wk ON wk.id = w.kind;

        CREATE VIEW stack_frames AS
        SELECT
            r.stack AS stack_id, r.depth AS depth, nullif(f.function, '') AS function,
            nullif(f.module, '') AS module, f.address AS address, f.offset AS offset,
            nullif(f.file, '') AS file, nullif(f.line, 0) AS line, f.is_kernel AS is_kernel
        FROM stack_frame_rows r LEFT JOIN frame_rows f ON f.id = r.frame;

        """
}
