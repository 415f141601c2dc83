import GRDB
import Model

/// The host around the targets over a stretch of a recording.
public struct HostTotals: Sendable, Equatable {
    /// Nanoseconds of all ticks together.
    public var duration: UInt64 = 0
    /// Nanoseconds of each CPU.
    public var cpus: [HostCPUSample] = []
    /// Means of the ticks.
    public var runnable: Double?
    public var load: Double?
    /// Nanoseconds that all tasks waited for a CPU; nil where the kernel does not tell.
    public var waited: UInt64?
    /// `inFlight` is the most at the end of any tick.
    public var devices: [HostDeviceSample] = []
    public var cgroupCPU: [CgroupCPUSample] = []
    /// `current` and `swap` are the most at the end of any tick.
    public var cgroupMemory: [CgroupMemorySample] = []
    public var network: [NetworkSample] = []
    /// With the resource's name.
    public var connections: [(name: String?, sample: ConnectionSample)] = []

    public init() {}

    public static func == (left: HostTotals, right: HostTotals) -> Bool {
        left.duration == right.duration && left.cpus == right.cpus && left.runnable == right.runnable
            && left.load == right.load && left.waited == right.waited && left.devices == right.devices
            && left.cgroupCPU == right.cgroupCPU && left.cgroupMemory == right.cgroupMemory
            && left.network == right.network && left.connections.elementsEqual(right.connections, by: ==)
    }
}

extension Recording {
    /// Sums over the ticks that a filter chooses; empty ones of recordings that have none of it.
    public func hostTotals(_ filter: Filter = Filter()) throws(RecordingError) -> HostTotals {
        let ticks = try ticks(filter)
        guard let first = ticks.first?.number, let last = ticks.last?.number else { return HostTotals() }
        let duration = ticks.reduce(0) { $0 + $1.duration }
        return try read { db in
            var totals = HostTotals()
            totals.duration = duration
            guard try db.tableExists("host_cpu_samples") else { return totals }
            func rows(_ columns: String, from view: String, by key: String) throws -> [Row] {
                try Row.fetchAll(
                    db,
                    sql:
                        "SELECT \(columns) FROM \(view) WHERE tick BETWEEN ? AND ? GROUP BY \(key) ORDER BY \(key)",
                    arguments: [first, last])
            }
            totals.cpus = try rows(
                "cpu, "
                    + sums("user_ns", "system_ns", "iowait_ns", "irq_ns", "softirq_ns", "steal_ns", "idle_ns"),
                from: "host_cpu_samples", by: "cpu"
            ).map(HostCPUSample.init(row:))
            if let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT sum(runnable), sum(load_thousandths), count(*), sum(waited_ns)
                    FROM host_run_queue_samples WHERE tick BETWEEN ? AND ?
                    """, arguments: [first, last]), row.integer(at: 2) > 0
            {
                let count = Double(row.integer(at: 2))
                totals.runnable = Double(row.integer(at: 0)) / count
                totals.load = Double(row.integer(at: 1)) / count / 1000
                totals.waited = row.optionalInteger(at: 3).map { UInt64(clamping: $0) }
            }
            totals.devices = try rows(
                "device, max(in_flight) AS in_flight, "
                    + sums("reads", "writes", "read_bytes", "written_bytes", "busy_ns", "queued_ns"),
                from: "host_device_samples", by: "device"
            ).map(HostDeviceSample.init(row:))
            totals.cgroupCPU = try rows(
                "cgroup, max(quota_us) AS quota_us, max(period_us) AS period_us, "
                    + sums("periods", "throttled_periods", "throttled_ns"),
                from: "cgroup_cpu_samples", by: "cgroup"
            ).map(CgroupCPUSample.init(row:))
            totals.cgroupMemory = try rows(
                """
                cgroup, max(current_bytes) AS current_bytes, max(swap_bytes) AS swap_bytes,
                max(max_bytes) AS max_bytes, max(high_bytes) AS high_bytes,
                """ + sums("max_events", "high_events", "oom_kills", "refaults"),
                from: "cgroup_memory_samples", by: "cgroup"
            ).map(CgroupMemorySample.init(row:))
            totals.network = try rows(
                "net_namespace, "
                    + sums("segments", "retransmits", "timeouts", "drops", "listen_overflows", "listen_drops"),
                from: "network_samples", by: "net_namespace"
            ).map(NetworkSample.init(row:))
            totals.connections = try rows(
                """
                resource_id, resource, max(retransmits_ever) AS retransmits_ever, max(lost_ever) AS lost_ever,
                max(drops_ever) AS drops_ever, max(round_trip_ns) AS round_trip_ns,
                min(window_segments) AS window_segments,
                """ + sums("retransmits"), from: "connections", by: "resource_id"
            ).map { ($0.optionalText("resource"), ConnectionSample(row: $0)) }
                .sorted { $0.1.retransmits > $1.1.retransmits }
            return totals
        }
    }
}

private func sums(_ columns: String...) -> String {
    " " + columns.map { "sum(\($0)) AS \($0)" }.joined(separator: ", ")
}

extension HostCPUSample {
    fileprivate init(row: Row) {
        self.init(cpu: row.id("cpu"))
        (user, system) = (row.unsigned("user_ns"), row.unsigned("system_ns"))
        (ioWait, irq) = (row.unsigned("iowait_ns"), row.unsigned("irq_ns"))
        (softirq, steal) = (row.unsigned("softirq_ns"), row.unsigned("steal_ns"))
        idle = row.unsigned("idle_ns")
    }
}

extension HostDeviceSample {
    fileprivate init(row: Row) {
        self.init(device: row.text("device"))
        (reads, writes) = (row.unsigned("reads"), row.unsigned("writes"))
        (readBytes, writtenBytes) = (row.unsigned("read_bytes"), row.unsigned("written_bytes"))
        (busy, queued) = (row.unsigned("busy_ns"), row.unsigned("queued_ns"))
        inFlight = row.unsigned("in_flight")
    }
}

extension CgroupCPUSample {
    fileprivate init(row: Row) {
        self.init(cgroup: row.text("cgroup"))
        (periods, throttledPeriods) = (row.unsigned("periods"), row.unsigned("throttled_periods"))
        throttled = row.unsigned("throttled_ns")
        (quota, period) = (row.unsigned("quota_us"), row.unsigned("period_us"))
    }
}

extension CgroupMemorySample {
    fileprivate init(row: Row) {
        self.init(cgroup: row.text("cgroup"))
        (current, swap) = (row.unsigned("current_bytes"), row.unsigned("swap_bytes"))
        (max, high) = (row.optionalUnsigned("max_bytes"), row.optionalUnsigned("high_bytes"))
        (maxEvents, highEvents) = (row.unsigned("max_events"), row.unsigned("high_events"))
        (oomKills, refaults) = (row.unsigned("oom_kills"), row.unsigned("refaults"))
    }
}

extension NetworkSample {
    fileprivate init(row: Row) {
        self.init(namespace: row.id("net_namespace"))
        (segments, retransmits) = (row.unsigned("segments"), row.unsigned("retransmits"))
        (timeouts, drops) = (row.unsigned("timeouts"), row.unsigned("drops"))
        (listenOverflows, listenDrops) = (row.unsigned("listen_overflows"), row.unsigned("listen_drops"))
    }
}

extension ConnectionSample {
    fileprivate init(row: Row) {
        self.init(
            resource: row.integer("resource_id"), retransmits: row.unsigned("retransmits"),
            retransmitsEver: row.unsigned("retransmits_ever"), lostEver: row.unsigned("lost_ever"),
            dropsEver: row.unsigned("drops_ever"), roundTrip: row.unsigned("round_trip_ns"),
            window: row.unsigned("window_segments"))
    }
}
