import Foundation
import Model
import ProcFS
import Testing

@testable import Collector

/// The host and the limits of targets, read from files that look like the kernel's.
@Suite final class SurroundingsTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "host-\(UUID().uuidString)")
        .path

    deinit {
        guard FileManager.default.fileExists(atPath: root) else { return }
        do { try FileManager.default.removeItem(atPath: root) } catch { print("left behind: \(root)") }
    }

    /// Writes into the file that is there: the meters keep it open.
    private func write(_ path: String, _ text: String) throws {
        let file = URL(fileURLWithPath: "\(root)/\(path)")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        guard let handle = FileHandle(forWritingAtPath: file.path) else {
            return try Data(text.utf8).write(to: file)
        }
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    @Test func theHostIsToldFromLookToLook() throws {
        try write("proc/stat", "cpu0 10 1 2 20 3 4 5 6 0 0\n")
        try write("proc/loadavg", "0.50 0.4 0.3 3/99 7\n")
        try write(
            "proc/diskstats", "254 0 vda 10 0 80 5 20 0 160 6 0 70 11\n254 1 vda1 9 0 8 5 2 0 1 6 0 7 1\n")
        try write("sys/block/vda/size", "1")
        var meter = HostMeter(proc: ProcTree(root: "\(root)/proc"), sys: "\(root)/sys")
        // Waiting for I/O can be taken back.
        try write("proc/stat", "cpu0 12 2 3 30 2 4 6 8 0 0\n")
        try write(
            "proc/diskstats", "254 0 vda 15 0 96 5 21 0 162 6 2 75 31\n254 1 vda1 99 0 8 5 2 0 1 6 0 7 1\n")
        let sample = meter.read()
        var cpu = HostCPUSample(cpu: 0)
        (cpu.user, cpu.system, cpu.idle) = (30_000_000, 10_000_000, 100_000_000)
        (cpu.softirq, cpu.steal) = (10_000_000, 20_000_000)
        #expect(sample.cpus == [cpu])
        #expect(sample.runQueue == RunQueueSample(runnable: 2, tasks: 99, load: 500))
        var disk = HostDeviceSample(device: "vda")
        (disk.reads, disk.writes, disk.readBytes, disk.writtenBytes) = (5, 1, 8192, 1024)
        (disk.busy, disk.queued, disk.inFlight) = (5_000_000, 20_000_000, 2)
        #expect(sample.devices == [disk])
    }

    private var unified: [CgroupHierarchy] {
        [CgroupHierarchy(controllers: [], mountPoint: "\(root)/cgroup")]
    }

    @Test func aQuotaOfTheUnifiedHierarchy() throws {
        let stat = "usage_usec 1\nnr_periods %\nnr_throttled 2\nthrottled_usec 10\n"
        try write("cgroup/app/cpu.max", "20000 100000\n")
        try write("cgroup/app/cpu.stat", stat.replacing("%", with: "5"))
        try write("cgroup/free/cpu.max", "max 100000\n")
        var meter = LimitMeter(hierarchies: unified)
        #expect(meter.read(cpu: ["/app", "/free"], memory: []).cpu.isEmpty)
        try write(
            "cgroup/app/cpu.stat", "usage_usec 1\nnr_periods 15\nnr_throttled 6\nthrottled_usec 35\n")
        var expected = CgroupCPUSample(cgroup: "/app")
        (expected.periods, expected.throttledPeriods, expected.throttled) = (10, 4, 25_000)
        (expected.quota, expected.period) = (20_000, 100_000)
        #expect(meter.read(cpu: ["/app", "/free"], memory: []).cpu == [expected])
    }

    @Test func aLimitOfMemoryOfTheUnifiedHierarchy() throws {
        func events(_ high: Int, _ max: Int, _ kills: Int) -> String {
            "low 0\nhigh \(high)\nmax \(max)\noom 0\noom_kill \(kills)\n"
        }
        try write("cgroup/app/memory.max", "1000000\n")
        try write("cgroup/app/memory.high", "800000\n")
        try write("cgroup/app/memory.current", "500000\n")
        try write("cgroup/app/memory.swap.current", "4096\n")
        try write("cgroup/app/memory.events", events(1, 1, 0))
        try write("cgroup/app/memory.stat", "workingset_refault_anon 1\nworkingset_refault_file 2\n")
        var meter = LimitMeter(hierarchies: unified)
        #expect(meter.read(cpu: [], memory: ["/app"]).memory.isEmpty)
        try write("cgroup/app/memory.current", "790000\n")
        try write("cgroup/app/memory.events", events(8, 3, 1))
        try write("cgroup/app/memory.stat", "workingset_refault_anon 1\nworkingset_refault_file 9\n")
        var expected = CgroupMemorySample(cgroup: "/app")
        (expected.current, expected.swap, expected.max, expected.high) = (790_000, 4096, 1_000_000, 800_000)
        (expected.maxEvents, expected.highEvents, expected.oomKills, expected.refaults) = (2, 7, 1, 7)
        #expect(meter.read(cpu: [], memory: ["/app"]).memory == [expected])
    }

    @Test func aLimitThatIsSetLaterIsNoticed() throws {
        try write("cgroup/app/cpu.max", "max 100000\n")
        try write("cgroup/app/cpu.stat", "nr_periods 0\nnr_throttled 0\nthrottled_usec 0\n")
        var meter = LimitMeter(hierarchies: unified)
        _ = meter.read(cpu: ["/app"], memory: [])
        try write("cgroup/app/cpu.max", "5000 100000\n")
        let found = (0..<9).contains { _ in !meter.read(cpu: ["/app"], memory: []).cpu.isEmpty }
        #expect(found)
    }

    /// Who is killed for want of memory has ended by the time that the kill is counted.
    @Test func theCgroupOfAProcessThatHasJustEndedIsReadOnceMore() throws {
        try write("proc/7/cgroup", "0::/app\n")
        var places = TargetPlaces(proc: ProcTree(root: "\(root)/proc"), hierarchies: unified)
        places.update([7])
        #expect(places.places[7]?.memory == "/app")
        places.update([])
        #expect(places.places[7]?.memory == "/app" && places.places[7]?.namespace == nil)
        places.update([])
        #expect(places.places.isEmpty)
    }

    @Test func cgroupsAboveCount() {
        #expect(
            TargetPlaces.withAncestors(["/a/b/c", "/a/d", "/", nil, "/../x"]) == [
                "/a", "/a/b", "/a/b/c", "/a/d",
            ])
    }

    @Test func aNamespaceIsReadThroughAnyOfItsProcesses() throws {
        func counters(_ retransmits: Int, _ drops: Int) throws {
            try write("proc/7/net/snmp", "Tcp: OutSegs RetransSegs\nTcp: 100 \(retransmits)\n")
            try write(
                "proc/7/net/netstat", "TcpExt: ListenDrops TCPTimeouts TCPRcvQDrop\nTcpExt: 1 2 \(drops)\n")
        }
        try counters(5, 1)
        var meter = NetworkMeter(proc: ProcTree(root: "\(root)/proc"))
        #expect(meter.read([42: 7]).isEmpty)
        try counters(9, 4)
        var expected = NetworkSample(namespace: 42)
        (expected.retransmits, expected.drops) = (4, 3)
        #expect(meter.read([42: 7, 43: 8]) == [expected])
    }
}
