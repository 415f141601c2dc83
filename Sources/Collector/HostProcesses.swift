import ProcFS

/// What /proc tells of the host's processes.
public struct HostProcesses: ProcessFactsSource {
    private let proc: ProcTree

    public init(proc: ProcTree = ProcTree()) { self.proc = proc }

    /// nil of one that has ended, too: the kernel then says that it was in the root cgroup.
    public func facts(of pid: UInt32) -> ProcessFacts? {
        proc.details(of: pid).flatMap { details in
            guard details.state != "Z", details.state != "X", proc.stat(pid)?.isDead == false else {
                return nil
            }
            return ProcessFacts(
                commandLine: details.commandLine, executable: details.executable, cgroup: details.cgroup,
                container: details.container?.id ?? "", pod: details.container?.podUID ?? "")
        }
    }

    public func cgroup(of pid: UInt32) -> String? {
        let cgroups = proc.cgroups(of: pid)
        return cgroups.entries.isEmpty || proc.stat(pid)?.isDead != false ? nil : cgroups.best
    }

    public func lockOwner(pid: UInt32, tid: UInt32) -> UInt32? { LockOwner.read(pid: pid, tid: tid) }

    public func cpuQuota(of pid: UInt32) -> CPUQuota? {
        CgroupFinder(proc: proc).cpuQuota(of: proc.cgroups(of: pid))
    }

    public func isAlive(pid: UInt32, tid: UInt32) -> Bool {
        guard let stat = proc.stat(ofThread: tid, in: pid) else { return false }
        // What is left of a thread that has ended, until its parent asks for it.
        return stat.state != "Z" && stat.state != "X"
    }
}
