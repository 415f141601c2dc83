/// Reads `/proc`, or a tree of the same shape.
///
/// Nothing here fails because a process ends while it is being read: it is then nil, or left out.
public struct ProcTree: Sendable {
    public let root: String

    public init(root: String = "/proc") { self.root = root }

    /// Ids of all processes that this user can see, in ascending order.
    public func pids() -> [UInt32] { numbers(in: root) }

    /// Ids of the threads of a process in ascending order; empty if it is gone.
    public func tids(of pid: UInt32) -> [UInt32] { numbers(in: "\(root)/\(pid)/task") }

    /// - Parameter pid: a process id, or a thread id, which `/proc` answers to as well.
    public func stat(_ pid: UInt32) -> ProcessStat? {
        FileAccess.read("\(root)/\(pid)/stat").bytes.flatMap { ProcessStat(parsing: $0) }
    }

    public func stat(ofThread tid: UInt32, in pid: UInt32) -> ProcessStat? {
        FileAccess.read("\(root)/\(pid)/task/\(tid)/stat").bytes.flatMap { ProcessStat(parsing: $0) }
    }

    /// - Parameter pid: a process id, or a thread id, which `/proc` answers to as well.
    public func status(_ pid: UInt32) -> ProcessStatus? {
        FileAccess.read("\(root)/\(pid)/status").bytes.flatMap(ProcessStatus.init(parsing:))
    }

    public func status(ofThread tid: UInt32, in pid: UInt32) -> ProcessStatus? {
        FileAccess.read("\(root)/\(pid)/task/\(tid)/status").bytes.flatMap(ProcessStatus.init(parsing:))
    }

    /// nil also where the kernel was built without `CONFIG_SCHED_INFO`.
    public func schedStat(ofThread tid: UInt32, in pid: UInt32) -> SchedStat? {
        FileAccess.read("\(root)/\(pid)/task/\(tid)/schedstat").bytes.flatMap(SchedStat.init(parsing:))
    }

    /// The command line as a shell would read it; empty for kernel threads, for processes that are gone
    /// and for those that this user may not look at.  Ends in "..." where it was cut (32 KiB).
    public func commandLine(of pid: UInt32) -> String {
        let bytes = FileAccess.read("\(root)/\(pid)/cmdline", limit: Self.commandLineLimit).bytes ?? []
        let line = ProcessArguments.line(ProcessArguments.parse(bytes))
        return bytes.count >= Self.commandLineLimit ? line + " ..." : line
    }

    func arguments(of pid: UInt32) -> [String] {
        let bytes = FileAccess.read("\(root)/\(pid)/cmdline", limit: Self.commandLineLimit).bytes ?? []
        return ProcessArguments.parse(bytes)
    }

    public func cgroups(of pid: UInt32) -> CgroupMembership {
        CgroupMembership(parsing: FileAccess.read("\(root)/\(pid)/cgroup").bytes ?? [])
    }

    /// The process that a process or thread id belongs to, nil if there is none with this id.
    public func process(ofThread id: UInt32) -> UInt32? { status(id)?.processID }

    /// One pass over all processes.
    public func snapshot() -> ProcessSnapshot { ProcessSnapshot(pids().compactMap { stat($0) }) }

    private static let commandLineLimit = 32 * 1024

    private func numbers(in directory: String) -> [UInt32] {
        (FileAccess.names(in: directory) ?? []).compactMap { $0.utf8.decimal32 }.sorted()
    }
}
