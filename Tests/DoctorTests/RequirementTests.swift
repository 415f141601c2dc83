import Model
import Testing

@testable import Doctor

/// What stands in the way of recording is named, with what to do about it.
@Suite struct RequirementTests {
    private let host: FakeHost
    init() throws { host = try FakeHost() }

    private func checks(machine: String = "x86_64") -> [String: HostCheck] {
        let all = Requirements.checks(host.files, machine: machine)
        return Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
    }

    private func expect(
        _ name: String, _ status: HostCheck.Status, _ detail: String, _ remedy: String,
        machine: String = "x86_64", sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let check = checks(machine: machine)[name]
        #expect(check?.status == status, sourceLocation: sourceLocation)
        #expect(check?.isRequired == true, sourceLocation: sourceLocation)
        #expect(check?.detail.contains(detail) == true, "\(check as Any)", sourceLocation: sourceLocation)
        #expect(check?.remedy.contains(remedy) == true, "\(check as Any)", sourceLocation: sourceLocation)
    }

    @Test func aGoodHostHasAllButWhatOnlyTheKernelKnows() {
        for check in checks().values where check.name != "bpf() system call" {
            #expect(check.status == .available, "\(check)")
            #expect(check.remedy.isEmpty)
        }
    }

    @Test(arguments: [
        ("0000000000000000", "CAP_BPF and CAP_PERFMON"), ("0000004000000000", "CAP_BPF"),
        ("0000008000000000", "CAP_PERFMON"),
    ])
    func missingCapabilitiesAreNamed(effective: String, missing: String) throws {
        try host.write("proc/self/status", "Tgid:\t7\nCapEff:\t\(effective)\n")
        expect("privileges", .unavailable, "does not have \(missing)", "Run as root")
        expect("bpf() system call", .unknown, "not tried", "Run as root")
    }

    @Test(arguments: ["000000c000000000", "0000000000200000"])
    func twoCapabilitiesOrTheOldOneAreEnough(effective: String) throws {
        try host.write("proc/self/status", "Tgid:\t7\nCapEff:\t\(effective)\n")
        #expect(checks()["privileges"]?.status == .available)
        #expect(Privileges.toReadProcesses(host.files).status == .unavailable)
    }

    @Test(arguments: ["4.18.0-553.el8", "5.15.0-100-generic", "6.0.19"])
    func oldKernelsAreNotTested(release: String) throws {
        try host.write("proc/sys/kernel/osrelease", release + "\n")
        expect("kernel version", .unavailable, "\(release) is older than 6.1", "6.1 or newer")
    }

    @Test(arguments: ["6.1.0-44-cloud-amd64", "6.18.44", "10.0-rc1"])
    func newerKernelsAreTaken(release: String) throws {
        try host.write("proc/sys/kernel/osrelease", release + "\n")
        #expect(checks()["kernel version"]?.status == .available)
    }

    @Test func aKernelWithoutTypesIsTold() throws {
        try host.remove("sys/kernel/btf/vmlinux")
        expect("kernel types (BTF)", .unavailable, "/sys/kernel/btf/vmlinux", "CONFIG_DEBUG_INFO_BTF")
    }

    @Test func lockdownIsInTheWayOnlyWhereItHidesMemory() throws {
        try host.write("sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
        #expect(checks()["lockdown"]?.status == .available)
        try host.write("sys/kernel/security/lockdown", "none integrity [confidentiality]\n")
        expect("lockdown", .unavailable, "confidentiality", "lockdown=confidentiality")
        try host.remove("sys/kernel/security/lockdown")
        #expect(checks()["lockdown"]?.status == .available)
    }

    @Test func aContainersProcessIdsAreOthers() throws {
        try host.link("proc/self/ns/pid", to: "pid:[4026532281]")
        expect("host's process ids", .unavailable, "container", "--pid=host")
    }

    @Test func anotherArchitectureIsTold() {
        expect("architecture", .unavailable, "aarch64", "x86-64", machine: "aarch64")
    }

    @Test func withoutProcNothingIsKnown() throws {
        try host.remove("proc")
        for name in ["privileges", "kernel version", "host's process ids"] {
            expect(name, .unknown, "/proc", "Mount /proc")
        }
    }

    /// `record` asks the same, and its error is one sentence with the remedy.
    @Test func theFirstObstacleStopsARecording() throws {
        try host.write("proc/sys/kernel/osrelease", "5.4.0\n")
        try host.remove("sys/kernel/btf/vmlinux")
        let error = #expect(throws: HostObstacle.self) {
            try Examination(files: host.files).requireRecording()
        }
        #expect(error?.check.name == "kernel version")
        #expect(error?.description.contains("Linux 5.4.0 is older than 6.1") == true)
        #expect(error?.description.contains("Boot Linux 6.1 or newer.") == true)
    }

    @Test func programsAreNotTriedWhereSomethingIsMissing() throws {
        try host.remove("sys/kernel/btf/vmlinux")
        let report = Examination(files: host.files).report()
        #expect(!report.recordingWorks)
        let programs = try #require(report.checks.first { $0.name == "programs" })
        #expect(programs.status == .unknown)
        #expect(programs.detail.contains("not tried"))
        #expect(Set(report.checks.map(\.name)).count == report.checks.count)
    }
}
