/// Tables and view of requests to block devices; since format 2.
enum BlockIOSchema {
    static let all = """
        CREATE TABLE block_samples (
            tick INTEGER NOT NULL,
            device INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            submitter INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            merges INTEGER NOT NULL,
            flushes INTEGER NOT NULL,
            errors INTEGER NOT NULL,
            queue_ns INTEGER NOT NULL,
            device_ns INTEGER NOT NULL,
            max_ns INTEGER NOT NULL,
            in_flight INTEGER NOT NULL,
            in_flight_ns INTEGER NOT NULL,
            queue_histogram TEXT,
            device_histogram TEXT,
            PRIMARY KEY (tick, device, operation, submitter)) WITHOUT ROWID;

        CREATE TABLE block_submitters (
            id INTEGER PRIMARY KEY, pid INTEGER NOT NULL, tid INTEGER NOT NULL, comm TEXT NOT NULL,
            cgroup TEXT NOT NULL, UNIQUE (tid, comm, pid, cgroup));
        CREATE TABLE block_operations (id INTEGER PRIMARY KEY, name TEXT NOT NULL);

        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('block_samples', 'block_samples', '40000 12 6 3 1'),
            ('block_submitters', 'sqlite_autoindex_block_submitters_1', '100 2 1 1 1'),
            ('block_operations', NULL, '8');

        CREATE VIEW block_io AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, d.name AS device, o.name AS operation,
            nullif(s.pid, 0) AS pid, nullif(s.tid, 0) AS tid, nullif(s.comm, '') AS comm,
            nullif(s.cgroup, '') AS cgroup, r.requests AS requests, r.bytes / 512 AS sectors, r.bytes AS bytes,
            r.merges AS merges, r.flushes AS flushes, r.errors AS errors, r.queue_ns AS queue_ns,
            r.device_ns AS device_ns, r.max_ns AS max_ns, r.in_flight AS in_flight,
            r.in_flight_ns AS in_flight_ns, coalesce(r.queue_histogram, '[]') AS queue_histogram,
            coalesce(r.device_histogram, '[]') AS device_histogram
        FROM ticks t JOIN block_samples r ON r.tick = t.tick
        LEFT JOIN devices d ON d.id = r.device
        LEFT JOIN block_operations o ON o.id = r.operation
        LEFT JOIN block_submitters s ON s.id = r.submitter;
        """
}
