/// Table and view of the kernel's own account of threads; since format 2.
enum TaskstatsSchema {
    /// Delays that are NULL where they were not accounted for.
    static let delays = ["blkio", "swapin", "reclaim", "thrashing", "compaction", "wpcopy", "irq"]
    static let delayColumns = delays.flatMap { ["\($0)_count", "\($0)_ns"] }
    static let counters =
        [
            "cpu_count", "cpu_ns", "run_real_ns", "run_virtual_ns", "voluntary_switches",
            "involuntary_switches",
        ]
        + ["read_bytes", "written_bytes"]

    static let all = """
        CREATE TABLE taskstats_samples (
            tick INTEGER NOT NULL, thread INTEGER NOT NULL, is_exit INTEGER NOT NULL, exit_code INTEGER,
            \(counters.map { "\($0) INTEGER NOT NULL" }.joined(separator: ", ")),
            \(delayColumns.map { "\($0) INTEGER" }.joined(separator: ", ")),
            PRIMARY KEY (tick, thread, is_exit)) WITHOUT ROWID;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('taskstats_samples', 'taskstats_samples', '100000 100 1 1');

        CREATE VIEW taskstats AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid,
            p.process AS process, v.thread AS thread, v.comm AS comm, p.comm AS process_comm,
            r.is_exit AS is_exit, r.exit_code >> 8 & 255 AS exit_status, r.exit_code & 127 AS exit_signal,
            \((counters + delayColumns).map { "r.\($0) AS \($0)" }.joined(separator: ", "))
        FROM ticks t JOIN taskstats_samples r ON r.tick = t.tick
        LEFT JOIN thread_versions v ON v.id = r.thread
        LEFT JOIN process_versions p ON p.id = v.process;
        """
}
