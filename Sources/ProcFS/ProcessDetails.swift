/// Who a process is: the parts that people know it by.
public struct ProcessDetails: Sendable, Equatable {
    public var pid: UInt32
    public var parentPID: UInt32
    /// The pid in the innermost pid namespace; `pid` itself where the kernel does not say.
    public var namespacePID: UInt32
    public var comm: String
    /// Arguments, separated by spaces and quoted as for a shell; empty for kernel threads.
    public var commandLine: String
    /// Path in the process's own mount namespace; empty if this user may not know it.
    public var executable: String
    /// The executable was replaced or removed after the start, as an upgrade does.
    public var isExecutableDeleted: Bool
    public var cgroups: CgroupMembership
    public var container: ContainerIdentity?
    /// Real user id.
    public var uid: UInt32
    /// Start on `CLOCK_BOOTTIME`, nanoseconds; the kernel gives it in steps of 10 ms.
    public var started: UInt64
    public var state: Character
    public var isKernelThread: Bool
    public var threadCount: Int

    /// The cgroup path that says most; see ``CgroupMembership/best``.
    public var cgroup: String { cgroups.best }
}

/// Who a thread is.
public struct ThreadDetails: Sendable, Equatable {
    public var tid: UInt32
    public var pid: UInt32
    /// The tid in the innermost pid namespace; `tid` itself where the kernel does not say.
    public var namespaceTID: UInt32
    public var comm: String
    /// Start on `CLOCK_BOOTTIME`, nanoseconds; the kernel gives it in steps of 10 ms.
    public var started: UInt64
    public var state: Character
}

extension ProcTree {
    /// - Returns: nil if there is no such process, or it ended while it was being read.  Parts that this
    ///   user may not read are empty.
    public func details(of pid: UInt32) -> ProcessDetails? {
        guard let stat = stat(pid) else { return nil }
        let status = status(pid)
        let executable = executable(of: pid)
        let cgroups = cgroups(of: pid)
        let details = ProcessDetails(
            pid: pid, parentPID: stat.parentPID, namespacePID: status?.namespacePIDs.last ?? pid,
            comm: stat.comm, commandLine: commandLine(of: pid),
            executable: ProcessArguments.program(started: executable.path, arguments: arguments(of: pid)),
            isExecutableDeleted: executable.isDeleted, cgroups: cgroups,
            container: ContainerIdentity(cgroupPath: cgroups.best), uid: status?.uid ?? 0,
            started: stat.started, state: stat.state, isKernelThread: stat.isKernelThread,
            threadCount: stat.threadCount)
        // The files were read one after the other: were they all of the same process?
        guard self.stat(pid)?.started == stat.started else { return nil }
        return details
    }

    /// - Returns: nil if there is no such thread in this process, or it ended while it was being read.
    public func details(ofThread tid: UInt32, in pid: UInt32) -> ThreadDetails? {
        guard let stat = stat(ofThread: tid, in: pid) else { return nil }
        let namespaceTID = status(ofThread: tid, in: pid)?.namespaceTIDs.last ?? tid
        guard self.stat(ofThread: tid, in: pid)?.started == stat.started else { return nil }
        return ThreadDetails(
            tid: tid, pid: pid, namespaceTID: namespaceTID, comm: stat.comm, started: stat.started,
            state: stat.state)
    }

    private func executable(of pid: UInt32) -> (path: String, isDeleted: Bool) {
        guard let bytes = FileAccess.linkTarget("\(root)/\(pid)/exe").bytes else { return ("", false) }
        let path = String(decoding: bytes, as: UTF8.self)
        let mark = " (deleted)"
        return path.hasSuffix(mark) ? (String(path.dropLast(mark.count)), true) : (path, false)
    }
}
