import Foundation
import Model
import Testing

/// CPU quotas of cgroups: a thread that may not run although a CPU is free.
@Suite(.needsKernel, .serialized) struct QuotaTests {
    @Test func aQuotaIsNamedWithItsCgroup() throws {
        let group = try #require(try QuotaGroup(cpus: 0.3))
        let program = try TestProgram("burner").path
        let script = "echo $$ > \(group.directory)/cgroup.procs && exec \(program) 1 2000"
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let throttled = try group.throttledTime()
        let held = seen.occupants(ofTID: try seen.truth("burner").tid)
        let total = held.reduce(0) { $0 + $1.total }
        let byQuota = held.filter { $0.occupant.kind == .quota }
        let time = byQuota.reduce(0) { $0 + $1.total }
        #expect(throttled > 500_000_000)
        #expect(isClose(time, throttled, within: 0.05, slack: 20_000_000), "\(time) of \(throttled) ns")
        #expect(Set(byQuota.map(\.occupant.cgroup)) == [group.path])
        #expect(total >= time)
    }

    /// With a busy thread beside it on its CPU, what a thread is kept waiting by is the quota all the same.
    @Test func aQuotaIsTheReasonAlsoOnABusyCPU() throws {
        let group = try #require(try QuotaGroup(cpus: 0.2))
        let burner = try TestProgram("burner").path
        let script = """
            taskset -c 1 \(burner) 1 2200 >/dev/null &
            sh -c 'echo $$ > \(group.directory)/cgroup.procs && exec taskset -c 1 \(burner) 1 2000'
            wait
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let throttled = try group.throttledTime()
        let held = seen.occupants(ofTID: try seen.truth("burner").tid)
        // The group's other thread waits for the burner to end, and then perhaps for the quota too.
        let time = seen.occupants.filter { $0.occupant.occupant.kind == .quota }
            .reduce(0) { $0 + $1.occupant.total }
        #expect(throttled > 500_000_000)
        let share = KernelAccess.share(0.02)
        #expect(isClose(time, throttled, within: share, slack: 20_000_000), "\(time) of \(throttled) ns")
        #expect(held.contains { $0.occupant.kind == .thread && $0.occupant.comm == "burner" })
    }

    /// A thread that is woken while its cgroup's quota is used up waits for the quota, whoever runs meanwhile.
    @Test(.needsRealTime) func whoIsWokenMeanwhileWaitsForTheQuota() throws {
        let group = try #require(try QuotaGroup(cpus: 0.2))
        let burner = try TestProgram("burner").path
        let sleeper = try TestProgram("sleeper").path
        let script = """
            taskset -c 1 \(burner) 1 3000 >/dev/null &
            echo $$ > \(group.directory)/cgroup.procs
            taskset -c 1 \(burner) 1 2600 >/dev/null & taskset -c 1 \(sleeper) 40 5
            wait
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let held = seen.occupants(ofTID: try seen.truth("sleeper").tid)
        let total = held.reduce(0) { $0 + $1.total }
        let byQuota = held.filter { $0.occupant.kind == .quota }.reduce(0) { $0 + $1.total }
        #expect(total > 200_000_000, "\(total)")
        // The rest was in the run queue already when the quota ran out.
        #expect(
            byQuota > total * 3 / 10,
            "\(byQuota) of \(total) ns: \(held.map { "\($0.occupant.kind) \($0.occupant.comm) \($0.total)" })"
        )
    }

    /// Without a quota nothing is put down to one, and a quota that is not used up does not show.
    @Test func aQuotaThatSufficesDoesNotShow() throws {
        let group = try #require(try QuotaGroup(cpus: 4))
        let program = try TestProgram("sleeper").path
        let script = "echo $$ > \(group.directory)/cgroup.procs && exec \(program) 100 5 1000"
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        #expect(try group.throttledTime() == 0)
        #expect(seen.occupants.allSatisfy { $0.occupant.occupant.kind != .quota })
    }
}

/// A cgroup of the test's own, in whichever hierarchy has the cpu controller.
final class QuotaGroup {
    let directory: String
    let path: String

    /// nil where no hierarchy has the controller.
    init?(cpus: Double) throws {
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        let first = mounts.first { $0[2] == "cgroup" && $0[3].split(separator: ",").contains("cpu") }
        let second = mounts.first { $0[2] == "cgroup2" }
        path = "/stallscope-test-\(UUID().uuidString)"
        guard let mount = first ?? second else { return nil }
        directory = mount[1] + path
        let quota = Int(cpus * 100_000)
        if first == nil { try Self.write("+cpu", "\(mount[1])/cgroup.subtree_control") }
        try #require(mkdir(directory, 0o755) == 0)
        if first != nil {
            try Self.write("100000", "\(directory)/cpu.cfs_period_us")
            try Self.write("\(quota)", "\(directory)/cpu.cfs_quota_us")
        } else {
            try Self.write("\(quota) 100000", "\(directory)/cpu.max")
        }
    }

    deinit {
        if rmdir(directory) != 0 { print("left behind: \(directory)") }
    }

    /// Nanoseconds, as the kernel counts them.
    func throttledTime() throws -> UInt64 { try Self.throttledTime(in: "\(directory)/cpu.stat") }

    static func throttledTime(in path: String) throws -> UInt64 {
        let stat = try String(contentsOfFile: path, encoding: .utf8)
        for line in stat.split(separator: "\n") {
            let fields = line.split(separator: " ")
            if fields[0] == "throttled_time" { return UInt64(fields[1]) ?? 0 }
            if fields[0] == "throttled_usec" { return (UInt64(fields[1]) ?? 0) * 1000 }
        }
        return 0
    }

    private static func write(_ text: String, _ path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
