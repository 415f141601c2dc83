import Foundation
import Model
import Testing

/// CPU quotas of cgroups: a thread that may not run although a CPU is free.
@Suite(.needsKernel, .serialized) struct QuotaTests {
    /// A thread of a cgroup that is out of quota waits for that, whoever has its CPU: on an idle one nobody else is named,
    /// and beside a busy one both are.  No more is put down to the quota than the kernel says of the cgroup.
    @Test(arguments: [false, true]) func aQuotaIsNamedWithItsCgroup(besideOther: Bool) throws {
        // So little that it is used up however many others want the CPU.  Under emulation it takes that to begin.
        let group = try #require(try QuotaGroup(cpus: KernelAccess.isEmulated ? 0.2 : 0.05))
        let burner = try TestProgram("burner").path
        let script = """
            \(besideOther ? "taskset -c 1 \(burner) 1 900 >/dev/null &" : "")
            sh -c 'echo $$ > \(group.directory)/cgroup.procs && exec taskset -c 1 \(burner) 1 700'
            wait
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let throttled = try group.throttledTime()
        #expect(throttled > 0)
        let tid = try seen.truth("burner").tid
        let byQuota = seen.occupants.map(\.occupant).filter { $0.occupant.kind == .quota }
        let time = byQuota.reduce(0) { $0 + $1.total }
        // The group has one thread that computes, and one that waits for it: each may wait for the quota.
        #expect(0 < time && time <= 2 * throttled, "\(time) of \(throttled) ns")
        #expect(Set(byQuota.map(\.occupant.cgroup)) == [group.path])
        #expect(seen.occupants(ofTID: tid).contains { $0.occupant.kind == .quota })
        let names = seen.occupants(ofTID: tid).filter { $0.occupant.kind == .thread }.map(\.occupant.comm)
        if besideOther { #expect(names.contains("burner"), "\(names)") }
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
