/// Table and view of stall times; since format 2.
enum PressureSchema {
    static let all = """
        CREATE TABLE pressure_samples (
            tick INTEGER NOT NULL, cgroup TEXT NOT NULL, resource TEXT NOT NULL, some_ns INTEGER NOT NULL,
            full_ns INTEGER NOT NULL, PRIMARY KEY (tick, cgroup, resource)) WITHOUT ROWID;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('pressure_samples', 'pressure_samples', '20000 6 3 1');

        CREATE VIEW pressure AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, nullif(r.cgroup, '') AS cgroup, r.resource AS resource,
            r.some_ns AS some_ns, r.full_ns AS full_ns, t.duration_ns AS duration_ns
        FROM ticks t JOIN pressure_samples r ON r.tick = t.tick;
        """
}
