import Model
import Testing

@testable import Recording

/// The host around the targets: what is stored comes back, summed.
@Suite struct HostTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    static func surroundings(_ factor: UInt64 = 1) -> SurroundingsSample {
        var sample = SurroundingsSample()
        var cpu = HostCPUSample(cpu: 1)
        (cpu.user, cpu.system, cpu.ioWait, cpu.irq) = (10 * factor, 20 * factor, 30 * factor, 40 * factor)
        (cpu.softirq, cpu.steal, cpu.idle) = (50 * factor, 60 * factor, 70 * factor)
        sample.host.cpus = [cpu]
        sample.host.runQueue = RunQueueSample(
            runnable: 2 * factor, tasks: 90, load: 1500 * factor, waited: 80)
        var disk = HostDeviceSample(device: "vda")
        (disk.reads, disk.writes, disk.readBytes, disk.writtenBytes) = (factor, 2, 4096 * factor, 8192)
        (disk.busy, disk.queued, disk.inFlight) = (100 * factor, 200, factor)
        sample.host.devices = [disk, HostDeviceSample(device: "idle")]
        var quota = CgroupCPUSample(cgroup: "/app")
        (quota.periods, quota.throttledPeriods, quota.throttled) = (10 * factor, 4, 500 * factor)
        (quota.quota, quota.period) = (20_000, 100_000)
        sample.cgroupCPU = [quota]
        var memory = CgroupMemorySample(cgroup: "/app")
        (memory.current, memory.swap, memory.max) = (1000 * factor, 2000, 4000)
        (memory.maxEvents, memory.highEvents, memory.oomKills, memory.refaults) = (3, 2, 1, 5 * factor)
        sample.cgroupMemory = [memory]
        var network = NetworkSample(namespace: 42)
        (network.segments, network.retransmits, network.timeouts, network.drops) = (100, 7 * factor, 6, 5)
        (network.listenOverflows, network.listenDrops) = (4, 3)
        sample.network = [network]
        sample.connections = [
            ConnectionSample(
                resource: 3, retransmits: 2, retransmitsEver: 2 * factor, lostEver: factor, dropsEver: 0,
                roundTrip: 9000, window: 10)
        ]
        return sample
    }

    private func recording() throws -> Recording {
        var first = Fixture.firstBatch()
        first.surroundings = Self.surroundings()
        first.resources = [
            Resource(id: 3, kind: .inet, identity: "1", name: "tcp a -> b", since: Fixture.start, pid: 100)
        ]
        var second = Fixture.batch(2)
        second.surroundings = Self.surroundings(2)
        return try Fixture.recording(scratch, [first, second])
    }

    @Test func totalsAreSumsAndMaxima() throws {
        let totals = try recording().hostTotals()
        let cpu = try #require(totals.cpus.first)
        #expect(totals.cpus.count == 1 && cpu.user == 30 && cpu.idle == 210 && cpu.steal == 180)
        #expect(totals.runnable == 3 && totals.load == 2.25 && totals.waited == 160)
        #expect(totals.duration == 2 * Fixture.second)
        // A disk that rests has no rows.
        #expect(totals.devices.map(\.device) == ["vda"])
        #expect(totals.devices.first?.busy == 300 && totals.devices.first?.inFlight == 2)
        #expect(totals.cgroupCPU.first?.throttled == 1500 && totals.cgroupCPU.first?.quota == 20_000)
        let memory = try #require(totals.cgroupMemory.first)
        #expect(memory.current == 2000 && memory.refaults == 15 && memory.max == 4000 && memory.high == nil)
        #expect(totals.network.first?.retransmits == 21)
        let connection = try #require(totals.connections.first)
        #expect(connection.name == "tcp a -> b" && connection.sample.retransmits == 4)
        #expect(connection.sample.retransmitsEver == 4 && connection.sample.window == 10)
    }

    @Test func aStretchHasItsOwnSums() throws {
        var filter = Filter()
        filter.to = Fixture.start + Fixture.second
        let totals = try recording().hostTotals(filter)
        #expect(totals.cpus == Self.surroundings().host.cpus)
        #expect(totals.cgroupMemory == Self.surroundings().cgroupMemory)
        #expect(totals.network == Self.surroundings().network)
    }

    @Test func theViewsHaveTheirColumns() throws {
        let recording = try recording()
        for (view, columns) in [
            ("host_cpus", "cpu, user_ns, system_ns, iowait_ns, irq_ns, softirq_ns, steal_ns, idle_ns"),
            ("host_run_queue", "runnable, tasks, load, waited_ns"),
            ("host_devices", "device, reads, writes, busy_ns, queued_ns, queue_length, in_flight"),
            ("cgroup_cpu", "cgroup, periods, throttled_periods, throttled_ns, quota_us, period_us"),
            (
                "cgroup_memory",
                "cgroup, current_bytes, swap_bytes, max_bytes, high_bytes, max_events, oom_kills, refaults"
            ),
            (
                "network",
                "net_namespace, segments, retransmits, timeouts, drops, listen_overflows, listen_drops"
            ),
            ("connections", "resource_id, resource, retransmits, lost_ever, drops_ever, round_trip_ns"),
        ] {
            let rows = try recording.query("SELECT time_ns, tick, duration_ns, \(columns) FROM \(view)").rows
            #expect(rows.count == 2, "\(view)")
        }
    }
}
