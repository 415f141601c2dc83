import Model
import Testing

@testable import Recording
@testable import Render

@Suite struct HostTests {
    private func totals() -> HostTotals {
        var totals = HostTotals()
        totals.duration = 10_000_000_000
        var cpu = HostCPUSample(cpu: 3)
        (cpu.user, cpu.idle) = (2_500_000_000, 7_500_000_000)
        totals.cpus = [cpu]
        (totals.runnable, totals.load, totals.waited) = (2.5, 1.25, 15_000_000_000)
        var disk = HostDeviceSample(device: "vda")
        (disk.reads, disk.readBytes, disk.busy, disk.queued) = (10, 4096, 5_000_000_000, 20_000_000_000)
        totals.devices = [disk, HostDeviceSample(device: "idle")]
        var quota = CgroupCPUSample(cgroup: "/app")
        (quota.periods, quota.throttledPeriods, quota.throttled) = (100, 40, 2_000_000_000)
        (quota.quota, quota.period) = (30_000, 100_000)
        totals.cgroupCPU = [quota, CgroupCPUSample(cgroup: "/idle")]
        var memory = CgroupMemorySample(cgroup: "/app")
        (memory.max, memory.maxEvents, memory.refaults, memory.current) = (1 << 20, 7, 9, 1 << 19)
        totals.cgroupMemory = [memory]
        var network = NetworkSample(namespace: 42)
        (network.segments, network.retransmits) = (100, 5)
        totals.network = [network]
        totals.connections = [
            (
                "tcp a -> b",
                ConnectionSample(
                    resource: 1, retransmits: 5, retransmitsEver: 5, lostEver: 4, dropsEver: 0,
                    roundTrip: 2000,
                    window: 10)
            )
        ]
        return totals
    }

    @Test func aReportSaysWhatTheHostDid() {
        var data = ReportTests.data()
        data.host = totals()
        let text = ReportText.render(data)
        for part in [
            "\nHost\n", "1 CPU: user 25.0 %, idle 75.0 %", "load 1.25; on average 1.50 waited for a CPU",
            "vda: busy 50.0 %, 10 reads (4.00 KiB), 0 writes (0 B), 2.0 under way on average",
            "/app: its quota of 0.30 CPUs ran out in 40 of 100 periods, throttled for 2.00 s",
            "/app: limit 1.00 MiB met 7 times, 9 pages read again; up to 512 KiB in use",
            "network namespace 42: 5 TCP segments sent again, 100 for the first time",
            "tcp a -> b: 5 segments sent again, 4 taken for lost since it was made, round trip 2.00 µs",
        ] { #expect(text.contains(part), "\(part) is missing in\n\(text)") }
        #expect(!text.contains("/idle") && !text.contains("  idle: "))
    }

    @Test func withoutAnythingToSayThereIsNoSection() {
        #expect(!ReportText.render(ReportTests.data()).contains("\nHost\n"))
    }
}
