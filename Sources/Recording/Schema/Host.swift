/// Tables and views of the host around the targets and of the limits that they live under; since format 2.
enum HostSchema {
    static let all = tables + views

    private static let tables = """
        CREATE TABLE host_cpu_samples (
            tick INTEGER NOT NULL, cpu INTEGER NOT NULL, user_ns INTEGER NOT NULL, system_ns INTEGER NOT NULL,
            iowait_ns INTEGER NOT NULL, irq_ns INTEGER NOT NULL, softirq_ns INTEGER NOT NULL,
            steal_ns INTEGER NOT NULL, idle_ns INTEGER NOT NULL, PRIMARY KEY (tick, cpu)) WITHOUT ROWID;
        CREATE TABLE host_run_queue_samples (
            tick INTEGER PRIMARY KEY, runnable INTEGER NOT NULL, tasks INTEGER NOT NULL,
            load_thousandths INTEGER NOT NULL, waited_ns INTEGER);
        CREATE TABLE host_device_samples (
            tick INTEGER NOT NULL, device TEXT NOT NULL, reads INTEGER NOT NULL, writes INTEGER NOT NULL,
            read_bytes INTEGER NOT NULL, written_bytes INTEGER NOT NULL, busy_ns INTEGER NOT NULL,
            queued_ns INTEGER NOT NULL, in_flight INTEGER NOT NULL, PRIMARY KEY (tick, device)) WITHOUT ROWID;
        CREATE TABLE cgroup_cpu_samples (
            tick INTEGER NOT NULL, cgroup TEXT NOT NULL, periods INTEGER NOT NULL,
            throttled_periods INTEGER NOT NULL, throttled_ns INTEGER NOT NULL, quota_us INTEGER NOT NULL,
            period_us INTEGER NOT NULL, PRIMARY KEY (tick, cgroup)) WITHOUT ROWID;
        CREATE TABLE cgroup_memory_samples (
            tick INTEGER NOT NULL, cgroup TEXT NOT NULL, current_bytes INTEGER NOT NULL,
            swap_bytes INTEGER NOT NULL, max_bytes INTEGER, high_bytes INTEGER, max_events INTEGER NOT NULL,
            high_events INTEGER NOT NULL, oom_kills INTEGER NOT NULL, refaults INTEGER NOT NULL,
            PRIMARY KEY (tick, cgroup)) WITHOUT ROWID;
        CREATE TABLE cgroup_io_samples (
            tick INTEGER NOT NULL, cgroup TEXT NOT NULL, device INTEGER NOT NULL, read_bytes INTEGER,
            write_bytes INTEGER, read_requests INTEGER, write_requests INTEGER,
            PRIMARY KEY (tick, cgroup, device)) WITHOUT ROWID;
        CREATE TABLE limited_process_rows (
            tick INTEGER NOT NULL, pid INTEGER NOT NULL, controller TEXT NOT NULL, cgroup TEXT NOT NULL);
        CREATE TABLE network_samples (
            tick INTEGER NOT NULL, net_namespace INTEGER NOT NULL, segments INTEGER NOT NULL,
            retransmits INTEGER NOT NULL, timeouts INTEGER NOT NULL, drops INTEGER NOT NULL,
            listen_overflows INTEGER NOT NULL, listen_drops INTEGER NOT NULL,
            PRIMARY KEY (tick, net_namespace)) WITHOUT ROWID;
        CREATE TABLE connection_samples (
            tick INTEGER NOT NULL, resource INTEGER NOT NULL, retransmits INTEGER NOT NULL,
            retransmits_ever INTEGER NOT NULL, lost_ever INTEGER NOT NULL, drops_ever INTEGER NOT NULL,
            round_trip_ns INTEGER NOT NULL, window_segments INTEGER NOT NULL,
            PRIMARY KEY (tick, resource)) WITHOUT ROWID;

        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('host_cpu_samples', 'host_cpu_samples', '20000 8 1'),
            ('host_run_queue_samples', NULL, '2500'),
            ('host_device_samples', 'host_device_samples', '5000 2 1'),
            ('cgroup_cpu_samples', 'cgroup_cpu_samples', '5000 3 1'),
            ('cgroup_memory_samples', 'cgroup_memory_samples', '5000 3 1'),
            ('cgroup_io_samples', 'cgroup_io_samples', '2500 2 1 1'),
            ('network_samples', 'network_samples', '2500 2 1'),
            ('connection_samples', 'connection_samples', '2500 3 1');

        """

    private static let views = """
        CREATE VIEW host_cpus AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns, r.cpu AS cpu,
            r.user_ns AS user_ns, r.system_ns AS system_ns, r.iowait_ns AS iowait_ns, r.irq_ns AS irq_ns,
            r.softirq_ns AS softirq_ns, r.steal_ns AS steal_ns, r.idle_ns AS idle_ns
        FROM ticks t JOIN host_cpu_samples r ON r.tick = t.tick;

        CREATE VIEW host_run_queue AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns, r.runnable AS runnable,
            r.tasks AS tasks, r.load_thousandths / 1000.0 AS load, r.waited_ns AS waited_ns
        FROM ticks t JOIN host_run_queue_samples r ON r.tick = t.tick;

        CREATE VIEW host_devices AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns, r.device AS device,
            r.reads AS reads, r.writes AS writes, r.read_bytes AS read_bytes,
            r.written_bytes AS written_bytes, r.busy_ns AS busy_ns, r.queued_ns AS queued_ns,
            round(1.0 * r.queued_ns / max(t.duration_ns, 1), 3) AS queue_length, r.in_flight AS in_flight
        FROM ticks t JOIN host_device_samples r ON r.tick = t.tick;

        CREATE VIEW cgroup_cpu AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns, r.cgroup AS cgroup,
            r.periods AS periods, r.throttled_periods AS throttled_periods, r.throttled_ns AS throttled_ns,
            r.quota_us AS quota_us, r.period_us AS period_us
        FROM ticks t JOIN cgroup_cpu_samples r ON r.tick = t.tick;

        CREATE VIEW cgroup_memory AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns, r.cgroup AS cgroup,
            r.current_bytes AS current_bytes, r.swap_bytes AS swap_bytes, r.max_bytes AS max_bytes,
            r.high_bytes AS high_bytes, r.max_events AS max_events, r.high_events AS high_events,
            r.oom_kills AS oom_kills, r.refaults AS refaults
        FROM ticks t JOIN cgroup_memory_samples r ON r.tick = t.tick;

        CREATE VIEW cgroup_io AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns, r.cgroup AS cgroup,
            coalesce(d.name, (r.device >> 20) || ':' || (r.device & 1048575)) AS device,
            r.read_bytes AS read_bytes_per_second, r.write_bytes AS write_bytes_per_second,
            r.read_requests AS read_requests_per_second, r.write_requests AS write_requests_per_second
        FROM ticks t JOIN cgroup_io_samples r ON r.tick = t.tick
        LEFT JOIN devices d ON d.id = r.device;

        CREATE VIEW limited_processes AS
        SELECT t.time_ns AS time_ns, t.tick AS tick, r.pid AS pid, r.controller AS controller, r.cgroup AS cgroup
        FROM ticks t JOIN limited_process_rows r ON r.tick = t.tick;

        CREATE VIEW network AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns,
            r.net_namespace AS net_namespace, r.segments AS segments, r.retransmits AS retransmits,
            r.timeouts AS timeouts, r.drops AS drops, r.listen_overflows AS listen_overflows,
            r.listen_drops AS listen_drops
        FROM ticks t JOIN network_samples r ON r.tick = t.tick;

        CREATE VIEW connections AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, t.duration_ns AS duration_ns, r.resource AS resource_id,
            s.name AS resource, r.retransmits AS retransmits, r.retransmits_ever AS retransmits_ever,
            r.lost_ever AS lost_ever, r.drops_ever AS drops_ever, r.round_trip_ns AS round_trip_ns,
            r.window_segments AS window_segments
        FROM ticks t JOIN connection_samples r ON r.tick = t.tick
        LEFT JOIN resources s ON s.resource_id = r.resource;
        """
}
