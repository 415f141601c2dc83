import GRDB
import Model

/// Table and views of requests of io_uring and aio; since format 2.
enum AsyncIOSchema {
    static func create(_ db: Database) throws {
        try db.execute(sql: table + views)
        for issue in AsyncIssue.allCases {
            try db.execute(
                sql: "INSERT INTO async_issues VALUES (?, ?)", arguments: [Int(issue.rawValue), issue.name])
        }
        let names =
            AsyncOperations.ofRings.enumerated().map { (0, $0.offset, Optional($0.element)) }
            + AsyncOperations.ofAIO.enumerated().map { (1, $0.offset, $0.element) }
        for (isAIO, number, name) in names {
            guard let name else { continue }
            try db.execute(
                sql: "INSERT INTO async_operations VALUES (?, ?, ?)", arguments: [isAIO, number, name])
        }
    }

    private static let table = """
        CREATE TABLE async_samples (
            tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            ring INTEGER NOT NULL,
            file INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            issue INTEGER NOT NULL,
            requests INTEGER NOT NULL,
            errors INTEGER NOT NULL,
            completions INTEGER NOT NULL,
            untold INTEGER NOT NULL,
            total_ns INTEGER NOT NULL,
            max_ns INTEGER NOT NULL,
            unreaped INTEGER NOT NULL,
            in_flight INTEGER NOT NULL,
            in_flight_ns INTEGER NOT NULL,
            histogram TEXT,
            PRIMARY KEY (tick, thread, ring, file, operation, issue)) WITHOUT ROWID;
        CREATE TABLE async_issues (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE async_operations (
            is_aio INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,
            PRIMARY KEY (is_aio, number)) WITHOUT ROWID;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('async_samples', 'async_samples', '200000 60 8 8 2 1 1'),
            ('async_issues', NULL, '4'),
            ('async_operations', 'async_operations', '72 36 1');

        """

    private static let thread = """
        t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid, p.process AS process,
        v.thread AS thread, v.comm AS comm, p.comm AS process_comm
        """

    private static let request = """
        nullif(r.file, 0) AS file_id, f.name AS file, r.requests AS count, r.errors AS errors,
        r.total_ns AS total_ns, r.max_ns AS max_ns, r.in_flight AS in_flight, r.in_flight_ns AS in_flight_ns,
        r.untold AS untold, coalesce(r.histogram, '[]') AS histogram, t.duration_ns AS duration_ns
        """

    private static let source = """
        FROM ticks t JOIN async_samples r ON r.tick = t.tick
        LEFT JOIN thread_versions v ON v.id = r.thread
        LEFT JOIN process_versions p ON p.id = v.process
        LEFT JOIN resource_rows g ON g.id = r.ring
        LEFT JOIN resource_rows f ON f.id = r.file
        LEFT JOIN async_issues i ON i.id = r.issue
        LEFT JOIN async_operations o ON o.is_aio = (r.issue = 3) AND o.number = r.operation
        """

    private static let views = """
        CREATE VIEW io_uring_requests AS
        SELECT
            \(thread), r.ring AS resource_id, g.name AS resource, g.identity AS ring, g.pid AS owner_pid,
            CASE r.operation WHEN 255 THEN NULL ELSE coalesce(o.name, r.operation) END AS operation,
            CASE WHEN r.thread > 0 THEN i.name END AS issued, r.completions AS completions,
            r.unreaped AS unreaped_max, \(request)
        \(source)
        WHERE r.issue <> 3;

        CREATE VIEW aio_requests AS
        SELECT
            \(thread), r.ring AS resource_id, g.name AS resource, coalesce(o.name, r.operation) AS operation, \(request)
        \(source)
        WHERE r.issue = 3;
        """
}
