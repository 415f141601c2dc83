/// The views: the documented face of a recording (docs/recording.md).  Their columns stay.
enum Views {
    static let all = threadSeconds + waits + resources + occupants + tasks + events

    /// Ticks that an idle run covers.  The planner can walk it from the ticks, through `idle_spans`, or
    /// from the thread.
    private static let idleTicks = """
        FROM ticks t
        JOIN idle_spans b
        JOIN idle_runs r ON r.span = b.span
            AND r.first_tick > t.tick - b.ticks AND r.first_tick <= t.tick
            AND t.tick <= ifnull(r.last_tick, 9223372036854775807)
        """

    /// How much of a tick an idle run is: it begins where the thread's row before ends, and ends where its next begins.
    private static let idleTime =
        "t.duration_ns - (t.tick = r.first_tick) * r.begin_offset_ns + (t.tick IS r.last_tick) * r.end_offset_ns"

    private static let names = """
        LEFT JOIN thread_versions v ON v.id = r.thread
        LEFT JOIN process_versions p ON p.id = v.process
        """

    private static let threadSeconds = """
        CREATE VIEW thread_seconds AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid,
            p.process AS process, v.thread AS thread, v.comm AS comm, p.comm AS process_comm,
            r.alive_ns AS alive_ns, r.on_cpu_ns AS on_cpu_ns, r.stolen_ns AS stolen_ns,
            r.waking_ns AS waking_ns, r.run_queue_ns AS run_queue_ns,
            r.interruptible_ns + r.uninterruptible_ns AS blocked_ns,
            r.uninterruptible_ns AS uninterruptible_ns, r.io_wait_ns AS io_wait_ns,
            r.voluntary_switches AS voluntary_switches, r.involuntary_switches AS involuntary_switches,
            r.wakeups AS wakeups, r.migrations AS migrations,
            r.waits_without_waker AS waits_without_waker, r.missed_switches AS missed_switches,
            r.minor_faults AS minor_faults, r.major_faults AS major_faults,
            r.bursts AS bursts, r.burst_total_ns / nullif(r.bursts, 0) AS burst_mean_ns,
            r.burst_total_ns AS burst_total_ns, r.burst_max_ns AS burst_max_ns,
            coalesce(r.burst_histogram, '[]') AS burst_histogram,
            r.wake_gaps AS wake_gaps, r.wake_gap_total_ns / nullif(r.wake_gaps, 0) AS wake_gap_mean_ns,
            r.wake_gap_total_ns AS wake_gap_total_ns,
            coalesce(r.wake_gap_histogram, '[]') AS wake_gap_histogram,
            r.wakings AS wakings, r.waking_max_ns AS waking_max_ns,
            coalesce(r.waking_histogram, '[]') AS waking_histogram,
            r.run_queues AS run_queues, r.run_queue_max_ns AS run_queue_max_ns,
            coalesce(r.run_queue_histogram, '[]') AS run_queue_histogram,
            r.kernel_on_cpu_ns AS kernel_on_cpu_ns, r.kernel_run_queue_ns AS kernel_run_queue_ns,
            p.cgroup AS cgroup, p.container AS container, r.thread AS thread_version
        FROM ticks t JOIN thread_samples r ON r.tick = t.tick
        \(names)
        UNION ALL
        SELECT
            t.time_ns, t.tick, p.pid, v.tid, p.process, v.thread, v.comm, p.comm,
            \(idleTime), 0, 0, 0, 0, \(idleTime),
            (r.flags & 1) * (\(idleTime)), (r.flags >> 1 & 1) * (\(idleTime)),
            0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, 0, 0, '[]', 0, NULL, 0, '[]', 0, 0, '[]', 0, 0, '[]', 0, 0, p.cgroup, p.container, r.thread
        \(idleTicks)
        \(names);

        """

    private static let waits = """
        CREATE VIEW waits AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid,
            p.process AS process, v.thread AS thread, v.comm AS comm, p.comm AS process_comm,
            k.name AS kind, \(direction) AS direction, c.name AS syscall,
            r.flags & 1 AS uninterruptible, r.flags >> 1 & 1 AS io,
            r.resource AS resource_id, o.name AS resource, d.name AS device,
            r.member AS member_id, m.name AS member, wk.name AS waker_kind, nullif(w.pid, 0) AS waker_pid, nullif(w.tid, 0) AS waker_tid,
            nullif(w.comm, '') AS waker_comm,
            r.count AS count, r.total_ns AS total_ns, r.max_ns AS max_ns, r.timed_out AS timed_out,
            coalesce(r.histogram, '[]') AS histogram
        FROM ticks t JOIN wait_samples r ON r.tick = t.tick
        \(names)
        \(dimensions)
        UNION ALL
        SELECT
            t.time_ns, t.tick, p.pid, v.tid, p.process, v.thread, v.comm, p.comm,
            k.name, \(direction), c.name, r.flags & 1, r.flags >> 1 & 1, r.resource, o.name, d.name,
            r.member, m.name, wk.name, nullif(w.pid, 0), nullif(w.tid, 0), nullif(w.comm, ''),
            0, \(idleTime), 0, r.timed_out, '[]'
        \(idleTicks)
        \(names)
        \(dimensions);

        """

    private static let direction = "CASE r.direction WHEN 1 THEN 'read' WHEN 2 THEN 'write' END"

    private static let dimensions = """
        LEFT JOIN wait_kinds k ON k.id = r.kind
        LEFT JOIN syscalls c ON c.number = r.syscall
        LEFT JOIN resource_rows o ON o.id = r.resource
        LEFT JOIN resource_rows m ON m.id = r.member
        LEFT JOIN devices d ON d.id = r.device
        LEFT JOIN wakers w ON w.id = r.waker
        LEFT JOIN waker_kinds wk ON wk.id = w.kind
        """

    private static let resources = """
        CREATE VIEW resources AS
        SELECT
            r.id AS resource_id, k.name AS kind, r.name AS name, r.identity AS identity, r.since_ns AS since_ns,
            r.pid AS pid, nullif(r.device, '') AS device, nullif(r.inode, 0) AS inode, nullif(r.path, '') AS path,
            nullif(r.socket_type, '') AS socket_type, nullif(r.local_address, '') AS local_address,
            nullif(r.remote_address, '') AS remote_address, nullif(r.net_namespace, 0) AS net_namespace,
            r.direction AS direction, nullif(r.peer_pid, 0) AS peer_pid, nullif(r.peer_inode, 0) AS peer_inode,
            coalesce(r.members, '[]') AS members
        FROM resource_rows r LEFT JOIN resource_kinds k ON k.id = r.kind;

        CREATE VIEW edges AS
        SELECT
            time_ns, tick, process, pid, process_comm AS waiter, kind, direction, resource_id, resource, member,
            waker_kind, waker_pid, waker_comm, sum(count) AS count, sum(total_ns) AS total_ns
        FROM waits
        GROUP BY tick, process, kind, direction, resource_id, member_id, waker_kind, waker_pid, waker_comm;

        """

    private static let occupants = """
        CREATE VIEW run_queue_occupants AS
        SELECT
            t.time_ns AS time_ns, t.tick AS tick, p.pid AS pid, v.tid AS tid, p.process AS process,
            v.thread AS thread, v.comm AS comm, p.comm AS process_comm, k.name AS occupant_kind,
            nullif(o.pid, 0) AS occupant_pid, nullif(o.tid, 0) AS occupant_tid,
            nullif(o.comm, '') AS occupant_comm, nullif(o.cgroup, '') AS cgroup, r.count AS count,
            r.total_ns AS total_ns
        FROM ticks t JOIN occupant_samples r ON r.tick = t.tick
        \(names)
        LEFT JOIN occupants o ON o.id = r.occupant
        LEFT JOIN occupant_kinds k ON k.id = o.kind;

        """

    private static let tasks = """
        CREATE VIEW processes AS
        SELECT
            process, since_ns,
            coalesce(
                (SELECT n.since_ns FROM process_versions n
                 WHERE n.process = v.process AND n.id > v.id ORDER BY n.id LIMIT 1),
                ended_ns) AS until_ns,
            pid, parent_pid, namespace_pid, started_ns, ended_ns,
            exit_code >> 8 & 255 AS exit_status, exit_code & 127 AS exit_signal,
            comm, command_line, executable, cgroup, container, pod, uid
        FROM process_versions v;

        CREATE VIEW threads AS
        SELECT
            v.thread AS thread, p.process AS process, v.since_ns AS since_ns,
            coalesce(
                (SELECT n.since_ns FROM thread_versions n
                 WHERE n.thread = v.thread AND n.id > v.id ORDER BY n.id LIMIT 1),
                v.ended_ns) AS until_ns,
            p.pid AS pid, v.tid AS tid, v.namespace_tid AS namespace_tid,
            v.started_ns AS started_ns, v.ended_ns AS ended_ns, v.comm AS comm, p.comm AS process_comm
        FROM thread_versions v LEFT JOIN process_versions p ON p.id = v.process;

        """

    private static let events = """
        CREATE VIEW targets AS
        SELECT
            e.time_ns AS time_ns, e.pid AS pid, p.process AS process, p.comm AS comm, e.event AS event,
            e.reason AS reason, e.root AS root
        FROM target_events e LEFT JOIN process_versions p ON p.id = e.process;

        CREATE VIEW losses AS
        SELECT time_ns, what, place, count, advice FROM loss_events;
        """
}
