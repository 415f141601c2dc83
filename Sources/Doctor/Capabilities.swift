import Model
import ProcFS

/// What this process may do, from its effective capabilities.
struct Capabilities {
    /// Numbers of linux/capability.h.
    enum Name: UInt64, CaseIterable {
        case dacReadSearch = 2
        case sysPtrace = 19
        case sysAdmin = 21
        case perfmon = 38
        case bpf = 39

        var text: String {
            switch self {
            case .dacReadSearch: "CAP_DAC_READ_SEARCH"
            case .sysPtrace: "CAP_SYS_PTRACE"
            case .sysAdmin: "CAP_SYS_ADMIN"
            case .perfmon: "CAP_PERFMON"
            case .bpf: "CAP_BPF"
            }
        }
    }

    var effective: UInt64

    func has(_ name: Name) -> Bool { effective & (1 << name.rawValue) != 0 }

    /// CAP_SYS_ADMIN, which CAP_BPF and CAP_PERFMON were split off from, stands for both.
    var missingForBPF: [Name] { has(.sysAdmin) ? [] : [.bpf, .perfmon].filter { !has($0) } }

    var missingForProcesses: [Name] { [.sysPtrace, .dacReadSearch].filter { !has($0) } }
}

/// Checks of this process's privileges.
enum Privileges {
    /// As in "CAP_BPF and CAP_PERFMON".
    private static func list(_ missing: [Capabilities.Name]) -> String {
        missing.map(\.text).joined(separator: " and ")
    }

    static func toUseBPF(_ files: HostFiles) -> HostCheck {
        let neededFor = "loading programs into the kernel"
        guard let effective = files.effectiveCapabilities() else {
            return HostCheck(
                "privileges", .unknown, isRequired: true, detail: "\(files.proc)/self/status cannot be read",
                neededFor: neededFor, remedy: "Mount /proc.")
        }
        let missing = Capabilities(effective: effective).missingForBPF
        return HostCheck(
            "privileges", missing.isEmpty ? .available : .unavailable, isRequired: true,
            detail: missing.isEmpty
                ? "this process may use BPF" : "this process does not have \(list(missing))",
            neededFor: neededFor,
            remedy: "Run as root (sudo stallscope ...), or with CAP_BPF and CAP_PERFMON.")
    }

    static func toReadProcesses(_ files: HostFiles) -> HostCheck {
        let neededFor = "executables and open files of other users' processes"
        guard let effective = files.effectiveCapabilities() else {
            return HostCheck(
                "process details", .unknown, detail: "\(files.proc)/self/status cannot be read",
                neededFor: neededFor, remedy: "Mount /proc.")
        }
        let missing = Capabilities(effective: effective).missingForProcesses
        return HostCheck(
            "process details", missing.isEmpty ? .available : .unavailable,
            detail: missing.isEmpty
                ? "this process may look at those of other users"
                : "this process does not have \(list(missing))",
            neededFor: neededFor, remedy: "Run as root, or with CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.")
    }
}
