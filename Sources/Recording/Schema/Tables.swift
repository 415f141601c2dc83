/// The tables of a recording.  They may change from version to version: people query the views.
enum Tables {
    static let all = facts + tasks + dimensions + statistics

    /// What grows with time.  Rows hold small numbers only; keys that begin with the tick keep the rows of
    /// a stretch of time together, so a time range is one range of pages.
    private static let facts = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

        CREATE TABLE ticks (
            tick INTEGER PRIMARY KEY,
            time_ns INTEGER NOT NULL,
            boot_ns INTEGER NOT NULL,
            duration_ns INTEGER NOT NULL);
        CREATE INDEX ticks_time ON ticks (time_ns, duration_ns);

        CREATE TABLE thread_samples (
            tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            alive_ns INTEGER NOT NULL,
            on_cpu_ns INTEGER NOT NULL,
            waking_ns INTEGER NOT NULL,
            run_queue_ns INTEGER NOT NULL,
            interruptible_ns INTEGER NOT NULL,
            uninterruptible_ns INTEGER NOT NULL,
            io_wait_ns INTEGER NOT NULL,
            voluntary_switches INTEGER NOT NULL,
            involuntary_switches INTEGER NOT NULL,
            wakeups INTEGER NOT NULL,
            migrations INTEGER NOT NULL,
            minor_faults INTEGER NOT NULL,
            major_faults INTEGER NOT NULL,
            bursts INTEGER NOT NULL,
            burst_total_ns INTEGER NOT NULL,
            burst_max_ns INTEGER NOT NULL,
            burst_histogram TEXT,
            wake_gaps INTEGER NOT NULL,
            wake_gap_total_ns INTEGER NOT NULL,
            wake_gap_histogram TEXT,
            kernel_on_cpu_ns INTEGER NOT NULL,
            kernel_run_queue_ns INTEGER NOT NULL,
            stolen_ns INTEGER NOT NULL,
            run_queues INTEGER NOT NULL,
            run_queue_max_ns INTEGER NOT NULL,
            run_queue_histogram TEXT,
            wakings INTEGER NOT NULL,
            waking_max_ns INTEGER NOT NULL,
            waking_histogram TEXT,
            waits_without_waker INTEGER NOT NULL,
            missed_switches INTEGER NOT NULL,
            PRIMARY KEY (tick, thread)) WITHOUT ROWID;

        CREATE TABLE wait_samples (
            tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            syscall INTEGER NOT NULL,
            direction INTEGER NOT NULL,
            flags INTEGER NOT NULL,
            resource INTEGER NOT NULL,
            device INTEGER NOT NULL,
            waker INTEGER NOT NULL,
            member INTEGER NOT NULL,
            timed_out INTEGER NOT NULL,
            count INTEGER NOT NULL,
            total_ns INTEGER NOT NULL,
            max_ns INTEGER NOT NULL,
            histogram TEXT,
            PRIMARY KEY (tick, thread, kind, syscall, direction, flags, resource, device, waker, member,
                timed_out)
        ) WITHOUT ROWID;

        CREATE TABLE idle_runs (
            span INTEGER NOT NULL,
            first_tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            last_tick INTEGER,
            begin_offset_ns INTEGER NOT NULL,
            end_offset_ns INTEGER NOT NULL DEFAULT 0,
            kind INTEGER NOT NULL,
            syscall INTEGER NOT NULL,
            direction INTEGER NOT NULL,
            flags INTEGER NOT NULL,
            resource INTEGER NOT NULL,
            device INTEGER NOT NULL,
            waker INTEGER NOT NULL DEFAULT 0,
            member INTEGER NOT NULL DEFAULT 0,
            timed_out INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (span, first_tick, thread)) WITHOUT ROWID;
        CREATE INDEX idle_runs_thread ON idle_runs (thread, first_tick);

        CREATE TABLE occupant_samples (
            tick INTEGER NOT NULL,
            thread INTEGER NOT NULL,
            occupant INTEGER NOT NULL,
            count INTEGER NOT NULL,
            total_ns INTEGER NOT NULL,
            PRIMARY KEY (tick, thread, occupant)) WITHOUT ROWID;

        CREATE TABLE target_events (
            time_ns INTEGER NOT NULL, pid INTEGER NOT NULL, process INTEGER NOT NULL,
            event TEXT NOT NULL, root INTEGER NOT NULL, reason TEXT NOT NULL);

        CREATE TABLE loss_events (
            time_ns INTEGER NOT NULL, what TEXT NOT NULL, place TEXT NOT NULL, count INTEGER NOT NULL,
            advice TEXT NOT NULL);

        """

    /// One row for each version of a process or thread.
    private static let tasks = """
        CREATE TABLE process_versions (
            id INTEGER PRIMARY KEY,
            process INTEGER NOT NULL,
            since_ns INTEGER NOT NULL,
            pid INTEGER NOT NULL,
            parent_pid INTEGER NOT NULL,
            namespace_pid INTEGER NOT NULL,
            started_ns INTEGER NOT NULL,
            comm TEXT NOT NULL,
            command_line TEXT NOT NULL,
            executable TEXT NOT NULL,
            cgroup TEXT NOT NULL,
            container TEXT NOT NULL,
            pod TEXT NOT NULL,
            uid INTEGER NOT NULL,
            ended_ns INTEGER,
            exit_code INTEGER);
        CREATE INDEX process_versions_process ON process_versions (process, id);
        CREATE INDEX process_versions_pid ON process_versions (pid);

        CREATE TABLE thread_versions (
            id INTEGER PRIMARY KEY,
            thread INTEGER NOT NULL,
            process INTEGER NOT NULL,
            since_ns INTEGER NOT NULL,
            tid INTEGER NOT NULL,
            namespace_tid INTEGER NOT NULL,
            started_ns INTEGER NOT NULL,
            comm TEXT NOT NULL,
            ended_ns INTEGER);
        CREATE INDEX thread_versions_thread ON thread_versions (thread, id);
        CREATE INDEX thread_versions_tid ON thread_versions (tid);
        CREATE INDEX thread_versions_process ON thread_versions (process);

        """

    /// Names behind small numbers.
    private static let dimensions = """
        CREATE TABLE wakers (
            id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, pid INTEGER NOT NULL, tid INTEGER NOT NULL,
            comm TEXT NOT NULL, UNIQUE (tid, comm, kind, pid));
        CREATE TABLE wait_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE waker_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE syscalls (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE resource_rows (
            id INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            identity TEXT NOT NULL,
            name TEXT NOT NULL,
            since_ns INTEGER NOT NULL,
            pid INTEGER NOT NULL,
            device TEXT NOT NULL,
            inode INTEGER NOT NULL,
            path TEXT NOT NULL,
            socket_type TEXT NOT NULL,
            local_address TEXT NOT NULL,
            remote_address TEXT NOT NULL,
            net_namespace INTEGER NOT NULL,
            direction TEXT,
            peer_pid INTEGER NOT NULL,
            peer_inode INTEGER NOT NULL,
            members TEXT);
        CREATE TABLE resource_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE occupants (
            id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, pid INTEGER NOT NULL, tid INTEGER NOT NULL,
            comm TEXT NOT NULL, cgroup TEXT NOT NULL, UNIQUE (tid, comm, kind, pid, cgroup));
        CREATE TABLE occupant_kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE devices (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE idle_spans (span INTEGER PRIMARY KEY, ticks INTEGER NOT NULL);

        """

    /// What SQLite's planner should think of a recording: an hour of a thousand threads.  Without it the
    /// planner would guess, and might read a whole recording for a minute or one thread of it.  The numbers
    /// are those that `ANALYZE` would find: rows, then rows per distinct prefix of the index.
    private static let statistics = """
        ANALYZE sqlite_schema;
        INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
            ('ticks', 'ticks_time', '3600 1 1'),
            ('thread_samples', 'thread_samples', '2000000 600 1'),
            ('wait_samples', 'wait_samples', '4000000 1200 2 2 2 2 2 1 1 1 1 1'),
            ('occupant_samples', 'occupant_samples', '4000000 1200 2 1'),
            ('idle_runs', 'idle_runs', '400000 20000 5 1'),
            ('idle_runs', 'idle_runs_thread', '400000 400 1'),
            ('process_versions', 'process_versions_process', '200 1 1'),
            ('process_versions', 'process_versions_pid', '200 1'),
            ('thread_versions', 'thread_versions_thread', '2000 2 1'),
            ('thread_versions', 'thread_versions_tid', '2000 2'),
            ('thread_versions', 'thread_versions_process', '2000 10'),
            ('wakers', 'sqlite_autoindex_wakers_1', '1000 2 1 1 1'),
            ('wait_kinds', NULL, '25'),
            ('waker_kinds', NULL, '8'),
            ('syscalls', NULL, '380'),
            ('resource_rows', NULL, '1000'),
            ('resource_kinds', NULL, '20'),
            ('occupants', 'sqlite_autoindex_occupants_1', '1000 2 1 1 1 1'),
            ('occupant_kinds', NULL, '5'),
            ('devices', NULL, '5'),
            ('idle_spans', NULL, '33');

        """
}
