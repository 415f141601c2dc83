/// Finds the processes that a ``TargetSelector`` names.
///
/// Compiled regular expressions cannot cross to another actor, and so neither can this.
public struct TargetResolver {
    private let selector: TargetSelector
    private let comms: [TargetPattern]
    private let commandLines: [TargetPattern]
    private let proc: ProcTree
    private let cgroups: CgroupFinder

    /// - Parameter cgroups: the hierarchies to search; nil for those that `proc` says are mounted.
    /// - Throws: a regular expression that is not valid, or a selector that names nothing.
    public init(
        _ selector: TargetSelector, proc: ProcTree = ProcTree(), cgroups: CgroupFinder? = nil
    ) throws(TargetError) {
        guard !selector.isEmpty else { throw .nothingAsked }
        self.selector = selector
        self.proc = proc
        self.cgroups = cgroups ?? CgroupFinder(proc: proc)
        var comms: [TargetPattern] = []
        for pattern in selector.commPatterns { comms.append(try TargetPattern(pattern, option: "--comm")) }
        var lines: [TargetPattern] = []
        for pattern in selector.commandLinePatterns {
            lines.append(try TargetPattern(pattern, option: "--cmdline"))
        }
        self.comms = comms
        self.commandLines = lines
    }

    /// Looks at all processes that run now.
    ///
    /// - Parameter excluded: processes that are never targets, and whose children are not followed; see
    ///   ``ProcTree/collectorPIDs(own:)``.
    /// - Throws: a selection that names nothing that can be recorded.
    public func resolve(excluding excluded: Set<UInt32> = []) throws(TargetError) -> TargetSelection {
        let snapshot = proc.snapshot()
        guard !snapshot.processes.isEmpty else { throw .noProcesses(root: proc.root) }
        var run = Resolution(snapshot: snapshot, excluded: excluded, proc: proc)
        for pid in selector.pids { try run.add(pid: pid) }
        for pattern in comms {
            try run.add(option: "--comm", pattern: pattern, what: "comm") { $0.comm }
        }
        for pattern in commandLines {
            // A kernel thread has no command line, so none is read for it.
            try run.add(option: "--cmdline", pattern: pattern, what: "command line") { [proc] stat in
                stat.isKernelThread ? "" : proc.commandLine(of: stat.pid)
            }
        }
        for path in selector.cgroups { try run.add(cgroup: path, finder: cgroups) }
        if selector.all { run.addAll() }
        return run.finish()
    }

    /// Why a process that started, changed its name or moved to a cgroup since then is a target too; nil if it is not.
    ///
    /// Only `--comm`, `--cmdline`, `--cgroup` and `--all` can name a process in advance.
    public func reason(pid: UInt32) -> String? {
        // A thread's id stands for its process, and one that has ended is nobody's target.
        guard let stat = proc.stat(pid), !stat.isDead else { return nil }
        if let reason = reason(comm: stat.comm, commandLine: proc.commandLine(of: pid)) { return reason }
        for path in selector.cgroups {
            if let group = cgroups.find(path).first(where: { $0.pids.contains(pid) }) {
                return Resolution.reason(group)
            }
        }
        return nil
    }

    func reason(comm: String, commandLine: @autoclosure () -> String) -> String? {
        if selector.all { return Resolution.allReason }
        if let pattern = comms.first(where: { $0.matches(comm) }) {
            return Resolution.reason("comm", pattern)
        }
        guard !commandLines.isEmpty else { return nil }
        let line = commandLine()
        return commandLines.first { $0.matches(line) }.map { Resolution.reason("command line", $0) }
    }
}
