import GRDB
import Model

/// Rows about processes, threads, targets and losses: few, and only when something changes.
struct TaskRows {
    private let process: RowStatement
    private let thread: RowStatement
    private let processEnd: RowStatement
    private let threadEnd: RowStatement
    private let target: RowStatement
    private let loss: RowStatement

    init(_ db: Database) throws {
        process = try RowStatement(
            db,
            """
            INSERT INTO process_versions (id, process, since_ns, pid, parent_pid, namespace_pid, started_ns,
                comm, command_line, executable, cgroup, container, pod, uid)
            VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)
            """)
        thread = try RowStatement(
            db,
            """
            INSERT INTO thread_versions (id, thread, process, since_ns, tid, namespace_tid, started_ns, comm)
            VALUES (?,?,?,?,?,?,?,?)
            """)
        processEnd = try RowStatement(
            db, "UPDATE process_versions SET ended_ns = ?, exit_code = ? WHERE id = ?")
        threadEnd = try RowStatement(db, "UPDATE thread_versions SET ended_ns = ? WHERE id = ?")
        target = try RowStatement(db, "INSERT INTO target_events VALUES (?,?,?,?,?,?)")
        loss = try RowStatement(db, "INSERT INTO loss_events VALUES (?,?,?,?,?)")
    }

    func store(_ batch: TickBatch) throws {
        for version in batch.processes { try store(version) }
        for version in batch.threads { try store(version) }
        for end in batch.ends { try store(end) }
        for event in batch.targets { try store(event) }
        for entry in batch.losses { try store(entry) }
    }

    private func store(_ version: ProcessVersion) throws {
        try process.run { row in
            row.add(version.id)
            row.add(version.process)
            row.add(version.since)
            row.add(version.pid)
            row.add(version.parentPID)
            row.add(version.namespacePID)
            row.add(version.started)
            row.add(version.comm)
            row.add(version.commandLine)
            row.add(version.executable)
            row.add(version.cgroup)
            row.add(version.container)
            row.add(version.pod)
            row.add(version.uid)
        }
    }

    private func store(_ version: ThreadVersion) throws {
        try thread.run { row in
            row.add(version.id)
            row.add(version.thread)
            row.add(version.process)
            row.add(version.since)
            row.add(version.tid)
            row.add(version.namespaceTID)
            row.add(version.started)
            row.add(version.comm)
        }
    }

    private func store(_ end: TaskEnd) throws {
        try threadEnd.run { row in
            row.add(end.time)
            row.add(end.thread)
        }
        guard let process = end.process else { return }
        try processEnd.run { row in
            row.add(end.time)
            row.add(end.exitCode)
            row.add(process)
        }
    }

    private func store(_ event: TargetEvent) throws {
        try target.run { row in
            row.add(event.time)
            row.add(event.pid)
            row.add(event.process)
            row.add(event.event.rawValue)
            row.add(event.isRoot ? 1 : 0)
            row.add(event.reason)
        }
    }

    private func store(_ entry: Loss) throws {
        try loss.run { row in
            row.add(entry.time)
            row.add(entry.what)
            row.add(entry.place)
            row.add(entry.count)
            row.add(entry.advice)
        }
    }
}
