import GRDB
import Model

/// Threads by bins of time.
struct TimelineThreads {
    private let selection: Selection
    private let axis: BinAxis

    init(_ selection: Selection, _ axis: BinAxis) { (self.selection, self.axis) = (selection, axis) }

    func load(_ db: Database) throws -> [TimelineThread] {
        var index: [Int64: Int] = [:]
        var threads: [TimelineThread] = []
        var versions: [Int64] = []
        func place(_ id: Int64) -> Int? {
            guard let version = selection.versions[id] else { return nil }
            let known = index[version.thread] ?? threads.count
            if known == threads.count {
                index[version.thread] = known
                threads.append(
                    TimelineThread(
                        thread: version.thread, pid: version.pid, tid: version.tid, comm: version.comm,
                        processComm: version.processComm))
                versions.append(id)
            } else if versions[known] < id {
                versions[known] = id
                (threads[known].comm, threads[known].processComm) = (version.comm, version.processComm)
            }
            return known
        }
        try RawRows(db, "SELECT tick, thread, on_cpu_ns, waking_ns + run_queue_ns FROM thread_samples")
            .forEach([]) {
                row in
                guard let bin = axis.bin(of: row.integer(0)), let place = place(row.integer(1)) else {
                    return
                }
                threads[place].onCPU.add(row.unsigned(2), bin: bin)
                threads[place].runQueue.add(row.unsigned(3), bin: bin)
            }
        // Threads that did nothing but wait.
        try RawRows(db, "SELECT DISTINCT thread FROM idle_runs").forEach([]) { row in
            _ = place(row.integer(0))
        }
        return threads
    }
}

/// Run-queue time by bins, thread and occupant.
struct TimelineOccupants {
    private struct Key: Hashable {
        var thread, occupant: Int64
    }

    private let selection: Selection
    private let axis: BinAxis

    init(_ selection: Selection, _ axis: BinAxis) { (self.selection, self.axis) = (selection, axis) }

    func load(_ db: Database) throws -> [TimelineOccupant] {
        var index: [Key: Int] = [:]
        var found: [(key: Key, version: Int64, values: [BinValue])] = []
        try RawRows(db, "SELECT tick, thread, occupant, count, total_ns FROM occupant_samples").forEach([]) {
            row in
            let id = row.integer(1)
            guard let bin = axis.bin(of: row.integer(0)), let version = selection.versions[id] else { return }
            let key = Key(thread: version.thread, occupant: row.integer(2))
            let place = index[key] ?? found.count
            if place == found.count {
                index[key] = place
                found.append((key, id, []))
            }
            found[place].version = max(found[place].version, id)
            found[place].values.add(row.unsigned(4), count: row.unsigned(3), bin: bin)
        }
        let names = try OccupantNames(db)
        return found.map { key, version, values in
            TimelineOccupant(
                occupant: names.total(
                    key.thread, selection.versions[version], key.occupant,
                    count: values.reduce(0) { $0 + UInt64($1.count) },
                    total: values.reduce(0) { $0 &+ $1.value }), values: values)
        }
    }
}
