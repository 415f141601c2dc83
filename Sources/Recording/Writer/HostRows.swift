import GRDB
import Model

/// Rows of the host around the targets.
enum HostRows {
    static func store(_ batch: TickBatch, _ db: Database) throws {
        let tick = batch.tick.number
        let host = batch.surroundings.host
        try insert(db, "host_cpu_samples", columns: 9, host.cpus) { cpu, row in
            row.add(tick)
            row.add(cpu.cpu)
            for time in [cpu.user, cpu.system, cpu.ioWait, cpu.irq, cpu.softirq, cpu.steal, cpu.idle] {
                row.add(time)
            }
        }
        try insert(db, "host_run_queue_samples", columns: 5, host.runQueue.map { [$0] } ?? []) { queue, row in
            row.add(tick)
            for value in [queue.runnable, queue.tasks, queue.load] { row.add(value) }
            row.add(optional: queue.waited)
        }
        // Disks that rest are left out.
        let devices = host.devices.filter {
            $0.reads > 0 || $0.writes > 0 || $0.queued > 0 || $0.inFlight > 0
        }
        try insert(db, "host_device_samples", columns: 9, devices) { device, row in
            row.add(tick)
            row.add(device.device)
            for value in [
                device.reads, device.writes, device.readBytes, device.writtenBytes, device.busy,
                device.queued,
                device.inFlight,
            ] { row.add(value) }
        }
        try storeLimits(batch.surroundings, tick, db)
        try storeIOLimits(batch.surroundings, tick, db)
        try storeLimited(batch.surroundings, tick, db)
        try storeNetwork(batch.surroundings, tick, db)
    }

    private static func storeLimits(_ sample: SurroundingsSample, _ tick: Int64, _ db: Database) throws {
        try insert(db, "cgroup_cpu_samples", columns: 7, sample.cgroupCPU) { group, row in
            row.add(tick)
            row.add(group.cgroup)
            for value in [
                group.periods, group.throttledPeriods, group.throttled, group.quota, group.period,
            ] { row.add(value) }
        }
        try insert(db, "cgroup_memory_samples", columns: 10, sample.cgroupMemory) { group, row in
            row.add(tick)
            row.add(group.cgroup)
            row.add(group.current)
            row.add(group.swap)
            row.add(optional: group.max)
            row.add(optional: group.high)
            for value in [group.maxEvents, group.highEvents, group.oomKills, group.refaults] {
                row.add(value)
            }
        }
    }

    private static func storeIOLimits(_ sample: SurroundingsSample, _ tick: Int64, _ db: Database) throws {
        try insert(db, "cgroup_io_samples", columns: 7, sample.cgroupIO) { group, row in
            row.add(tick)
            row.add(group.cgroup)
            row.add(group.device)
            for value in [group.readBytes, group.writeBytes, group.readRequests, group.writeRequests] {
                row.add(optional: value)
            }
        }
    }

    private static func storeLimited(_ sample: SurroundingsSample, _ tick: Int64, _ db: Database) throws {
        try insert(db, "limited_process_rows", columns: 4, sample.limited) { process, row in
            row.add(tick)
            row.add(process.pid)
            row.add(process.controller.rawValue)
            row.add(process.cgroup)
        }
    }

    private static func storeNetwork(_ sample: SurroundingsSample, _ tick: Int64, _ db: Database) throws {
        try insert(db, "network_samples", columns: 8, sample.network) { network, row in
            row.add(tick)
            row.add(network.namespace)
            for value in [
                network.segments, network.retransmits, network.timeouts, network.drops,
                network.listenOverflows, network.listenDrops,
            ] { row.add(value) }
        }
        try insert(db, "connection_samples", columns: 8, sample.connections) { connection, row in
            row.add(tick)
            row.add(connection.resource)
            for value in [
                connection.retransmits, connection.retransmitsEver, connection.lostEver, connection.dropsEver,
                connection.roundTrip, connection.window,
            ] { row.add(value) }
        }
    }

    private static func insert<Sample>(
        _ db: Database, _ table: String, columns: Int, _ samples: [Sample],
        _ bind: (Sample, inout RowStatement.Row) -> Void
    ) throws {
        guard !samples.isEmpty else { return }
        let places = Array(repeating: "?", count: columns).joined(separator: ",")
        let statement = try RowStatement(db, "INSERT INTO \(table) VALUES (\(places))")
        for sample in samples { try statement.run { bind(sample, &$0) } }
    }
}

extension RowStatement.Row {
    fileprivate mutating func add(optional value: UInt64?) {
        if let value { add(value) } else { addNull() }
    }
}
