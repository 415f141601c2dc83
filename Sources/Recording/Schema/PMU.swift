/// Tables and views of performance counters; since format 2.
enum PMUSchema {
    static let all = """
        CREATE TABLE pmu_samples (
            tick INTEGER NOT NULL, thread INTEGER NOT NULL, event INTEGER NOT NULL, counter INTEGER NOT NULL,
            enabled_ns INTEGER NOT NULL, running_ns INTEGER NOT NULL, unseen_ns INTEGER NOT NULL,
            PRIMARY KEY (tick, thread, event)) WITHOUT ROWID;
        CREATE TABLE pmu_events (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('pmu_samples', 'pmu_samples', '40000 40 4 1'), ('pmu_events', NULL, '4');

        CREATE VIEW pmu AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid, p.process AS process,
            v.thread AS thread, v.comm AS comm, p.comm AS process_comm, e.name AS event,
            CASE WHEN r.running_ns = r.enabled_ns THEN r.counter
                WHEN r.running_ns > 0
                THEN CAST(round(r.counter * (1.0 * r.enabled_ns / r.running_ns)) AS INTEGER) END AS value,
            r.running_ns < r.enabled_ns AS is_scaled, r.counter AS counter, r.enabled_ns AS enabled_ns,
            r.running_ns AS running_ns, r.unseen_ns AS unseen_ns
        FROM ticks t JOIN pmu_samples r ON r.tick = t.tick
        LEFT JOIN thread_versions v ON v.id = r.thread
        LEFT JOIN process_versions p ON p.id = v.process
        LEFT JOIN pmu_events e ON e.id = r.event;

        CREATE VIEW pmu_seconds AS
        SELECT
            time_ns, tick, pid, tid, process, thread, comm, process_comm,
            \(column("cycles")), \(column("instructions")),
            1.0 * max(CASE event WHEN 'instructions' THEN value END)
                / nullif(max(CASE event WHEN 'cycles' THEN value END), 0) AS ipc,
            \(column("llc-misses")), \(column("cache-misses")), \(column("branch-misses")),
            \(column("page-faults")), \(column("task-clock")), \(column("context-switches")),
            max(is_scaled) AS is_scaled, max(unseen_ns) AS unseen_ns
        FROM pmu GROUP BY tick, thread;
        """

    private static func column(_ event: String) -> String {
        let name = event.replacing("-", with: "_")
        return "max(CASE event WHEN '\(event)' THEN value END) AS \(name)"
    }
}
