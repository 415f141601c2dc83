import GRDB
import Model

/// Tables and views of system calls; since format 2.
enum SystemCallSchema {
    static func create(_ db: Database) throws {
        try db.execute(sql: tables + views)
        for operation in FutexOperation.allCases where operation != .none {
            try db.execute(
                sql: "INSERT INTO futex_operations VALUES (?, ?)",
                arguments: [Int(operation.rawValue), operation.name])
        }
    }

    private static let tables = """
        CREATE TABLE syscall_samples (
            tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            syscall INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            calls INTEGER NOT NULL,
            errors INTEGER NOT NULL,
            positive INTEGER NOT NULL,
            total_ns INTEGER NOT NULL,
            max_ns INTEGER NOT NULL,
            moved INTEGER NOT NULL,
            histogram TEXT,
            PRIMARY KEY (tick, thread, syscall, operation)) WITHOUT ROWID;
        CREATE TABLE traffic_samples (
            tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            resource INTEGER NOT NULL,
            direction INTEGER NOT NULL,
            calls INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            PRIMARY KEY (tick, thread, resource, direction)) WITHOUT ROWID;
        CREATE TABLE futex_operations (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('syscall_samples', 'syscall_samples', '2000000 600 6 2 1'),
            ('traffic_samples', 'traffic_samples', '1000000 300 4 2 1'),
            ('futex_operations', NULL, '4');

        """

    private static let names = """
        t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid, p.process AS process,
        v.thread AS thread, v.comm AS comm, p.comm AS process_comm
        """

    private static let threads = """
        LEFT JOIN thread_versions v ON v.id = r.thread
        LEFT JOIN process_versions p ON p.id = v.process
        """

    private static let views = """
        CREATE VIEW system_calls AS
        SELECT
            \(names), coalesce(c.name, r.syscall) AS syscall, o.name AS operation, r.calls AS calls,
            r.errors AS errors, r.total_ns AS total_ns, r.max_ns AS max_ns,
            CASE r.operation WHEN 0 THEN r.moved ELSE 0 END AS bytes,
            coalesce(r.histogram, '[]') AS histogram, t.duration_ns AS duration_ns
        FROM ticks t JOIN syscall_samples r ON r.tick = t.tick
        \(threads)
        LEFT JOIN syscalls c ON c.number = r.syscall
        LEFT JOIN futex_operations o ON o.id = r.operation;

        CREATE VIEW futex_calls AS
        SELECT
            \(names), sum(r.calls) AS calls, sum(r.errors) AS errors,
            sum(iif(r.operation = 1, r.calls, 0)) AS waits, sum(iif(r.operation = 1, r.total_ns, 0)) AS wait_ns,
            sum(iif(r.operation = 2, r.calls, 0)) AS wakes,
            sum(iif(r.operation = 2, r.positive, 0)) AS wakes_of_someone,
            sum(iif(r.operation = 2, r.calls - r.errors - r.positive, 0)) AS wakes_of_nobody,
            sum(iif(r.operation = 2, r.moved, 0)) AS woken, t.duration_ns AS duration_ns
        FROM ticks t JOIN syscall_samples r ON r.tick = t.tick AND r.operation > 0
        \(threads)
        GROUP BY r.tick, r.thread;

        CREATE VIEW transfers AS
        SELECT
            \(names), r.resource AS resource_id, k.name AS kind, o.name AS resource,
            CASE r.direction WHEN 1 THEN 'read' WHEN 2 THEN 'write' END AS direction, r.calls AS calls,
            r.bytes AS bytes, t.duration_ns AS duration_ns
        FROM ticks t JOIN traffic_samples r ON r.tick = t.tick
        \(threads)
        LEFT JOIN resource_rows o ON o.id = r.resource
        LEFT JOIN resource_kinds k ON k.id = o.kind;
        """
}
