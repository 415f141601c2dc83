import Model
import Testing

@testable import Doctor

/// What a host may have.
@Suite struct OptionTests {
    private let host: FakeHost
    init() throws { host = try FakeHost() }

    private func check(_ name: String) throws -> HostCheck {
        try #require(HostAccounting.checks(host.files).first { $0.name == name })
    }

    @Test func aGoodHostHasEverything() {
        for check in HostAccounting.checks(host.files) {
            #expect(check.status == .available, "\(check)")
            #expect(!check.isRequired)
            #expect(!check.neededFor.isEmpty)
        }
    }

    @Test func delayAccountingMayBeOffOrUnknownToTheKernel() throws {
        try host.write("proc/sys/kernel/task_delayacct", "0\n")
        #expect(try check("task delay accounting").remedy.hasPrefix("sysctl kernel.task_delayacct=1"))
        try host.remove("proc/sys/kernel/task_delayacct")
        #expect(try check("task delay accounting").remedy.contains("CONFIG_TASK_DELAY_ACCT"))
    }

    @Test func whatIsMissingHasARemedy() throws {
        try host.remove("proc/pressure")
        try host.remove("sys/bus")
        try host.remove("proc/schedstat")
        try host.write("proc/self/mountinfo", "")
        try host.write("proc/kallsyms", "0000000000000000 D a\n0000000000000000 T b\n")
        for name in [
            "pressure (PSI)", "hardware counters (PMU)", "cgroups", "kernel symbols", "limits of cgroups",
            "mean run queue",
        ] {
            let check = try check(name)
            #expect(check.status == .unavailable, "\(check)")
            #expect(!check.remedy.isEmpty)
        }
    }

    @Test func twoKindsOfCoresHaveCountersToo() throws {
        try host.remove("sys/bus/event_source/devices/cpu")
        try host.write("sys/bus/event_source/devices/cpu_core/type", "4\n")
        #expect(try check("hardware counters (PMU)").status == .available)
    }

    @Test func theMemoryLimitIsShown() throws {
        #expect(try check("locked memory").detail.hasPrefix("65536 bytes"))
        try host.write(
            "proc/self/limits", "Max locked memory         unlimited            unlimited    bytes\n")
        #expect(try check("locked memory").detail.hasPrefix("unlimited"))
    }

    @Test func tracepointsMayHaveOtherNamesOrSubstitutes() throws {
        func check(_ name: String, _ present: Set<String>) throws -> HostCheck {
            let tracepoint = try #require(Tracepoint.optional.first { $0.name == name })
            return tracepoint.check { present.contains($0) }
        }
        let renamed = try check("io_uring_submit_req", ["io_uring_submit_sqe"])
        #expect(renamed.status == .available && renamed.detail.contains("io_uring_submit_sqe"))
        let replaced = try check("block_io_start", ["block_rq_issue"])
        #expect(replaced.status == .unavailable && replaced.detail.contains("block_rq_issue"))
        let missing = try check("sk_data_ready", [])
        #expect(missing.status == .unavailable && missing.remedy.contains("Linux 6.12"))
        #expect(try check("sk_data_ready", ["sk_data_ready"]).status == .available)
    }
}
