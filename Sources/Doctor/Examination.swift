import BPF
import Glibc
import Model
import Probes
import ProcFS

/// Finds out what this kernel and this user can do.
public struct Examination {
    private let files: HostFiles

    public init(files: HostFiles = HostFiles()) { self.files = files }

    /// Everything, the loading of the programs included; takes a fraction of a second.
    public func report() -> HostReport {
        let machine = Self.machine()
        var checks = Requirements.checks(files, machine: machine)
        let obstacle = checks.first { $0.status != .available }
        checks += programs(obstacle: obstacle)
        checks.append(Privileges.toReadProcesses(files))
        checks += KernelKnowledge.checks(files)
        checks += HostAccounting.checks(files)
        checks.append(TaskAccounting.check(files))
        checks.append(HostAccounting.residency(isThere: FileResidency.isAvailable))
        return HostReport(
            kernel: files.proc("sys/kernel/osrelease") ?? "unknown", machine: machine, checks: checks)
    }

    /// What a recording needs, before it begins and without loading anything.
    ///
    /// - Throws: ``HostObstacle`` for the first thing that is missing.
    public func requireRecording() throws(HostObstacle) {
        let checks = Requirements.checks(files, machine: Self.machine())
        // What could not be found out is left to the kernel to judge.
        if let check = checks.first(where: { $0.status == .unavailable }) { throw HostObstacle(check: check) }
    }

    /// Loads and attaches the programs as a recording does, and detaches them at once: all, or all but those that take
    /// stacks.
    private func programs(obstacle: HostCheck?) -> [HostCheck] {
        if let obstacle {
            return [
                Self.programs(.unknown, "not tried: \(obstacle.detail)", obstacle.remedy),
                Self.stacks(.unknown, "not tried: \(obstacle.detail)", obstacle.remedy),
            ]
        }
        let refusal = Self.refusal(takingStacks: true)
        guard let refusal else { return [Self.programs(.available), Self.stacks(.available)] }
        if let obstacle = Self.refusal(takingStacks: false) {
            return [
                Self.programs(
                    .unavailable, obstacle.description,
                    "Report it with the output of `stallscope doctor --json` and of "
                        + "`stallscope record --log-level debug`."),
                Self.stacks(.unknown, "not tried: the programs cannot be used", "See `programs`."),
            ]
        }
        return [
            Self.programs(.available),
            Self.stacks(
                .unavailable, refusal.description, "Use a kernel that was built with CONFIG_PERF_EVENTS=y."),
        ]
    }

    private static func refusal(takingStacks: Bool) -> BPFError? {
        var limits = KernelPlane.Limits()
        limits.hasStacks = takingStacks
        do {
            try KernelPlane(collectorPID: UInt32(getpid()), limits: limits).attach()
            return nil
        } catch {
            return error
        }
    }

    private static func programs(
        _ status: HostCheck.Status, _ detail: String = "loaded, attached and removed again",
        _ remedy: String = ""
    ) -> HostCheck {
        HostCheck(
            "programs", status, isRequired: true, detail: detail, neededFor: "watching threads",
            remedy: remedy)
    }

    private static func stacks(
        _ status: HostCheck.Status,
        _ detail: String = "of processes by frame pointers, of the kernel by its own means",
        _ remedy: String = ""
    ) -> HostCheck {
        HostCheck(
            "call stacks", status, detail: detail,
            neededFor: "where in a program threads wait, and from where they are woken (--stacks)",
            remedy: remedy)
    }

    /// As `uname -m` shows it.
    private static func machine() -> String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown" }
        return withUnsafeBytes(of: &names.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

/// Why nothing can be recorded on this host, or by this user.
public struct HostObstacle: Error, CustomStringConvertible {
    public var check: HostCheck

    public var description: String {
        "Nothing can be recorded here: \(check.detail). \(check.remedy) With CAP_NET_ADMIN, --taskstats records "
            + "totals all the same. `stallscope doctor` says more."
    }
}
