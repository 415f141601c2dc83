/// Why no target could be selected.
public enum TargetError: Error, Equatable, CustomStringConvertible {
    case nothingAsked
    /// `position` is the number of characters before the error, if known.
    case badPattern(option: String, pattern: String, problem: String, position: Int?)
    case noSuchProcess(pid: UInt32)
    case exited(pid: UInt32, comm: String)
    case kernelThread(pid: UInt32, comm: String)
    case isCollector(pid: UInt32, comm: String)
    case noMatch(option: String, pattern: String, examined: Int, kernelThreads: Int)
    case noSuchCgroup(path: String, hierarchies: [String])
    case emptyCgroup(path: String, hierarchies: [String])
    case noProcesses(root: String)

    public var description: String {
        switch self {
        case .nothingAsked:
            "Nothing was said about what to record: name it with --pid, --comm, --cmdline, --cgroup or --all, "
                + "or give a command to run after \"--\"."
        case .badPattern(let option, let pattern, let problem, let position):
            "The regular expression '\(pattern)' of \(option) is not valid: "
                + "\(problem)\(Self.place(position, in: pattern)).  "
                + "Write a backslash before a character that is meant literally."
        case .noSuchProcess(let pid):
            "There is no process with pid \(pid): it may have ended, or \(pid) may be its pid inside a "
                + "container.  'pgrep -a NAME' lists the pids that this host sees."
        case .exited(let pid, let comm):
            "Process \(pid) (\(comm)) has exited and only waits for its parent to collect its status, so "
                + "there is nothing left to record."
        case .kernelThread(let pid, let comm):
            "Pid \(pid) (\(comm)) is a thread of the kernel, and only processes of user space can be "
                + "recorded; kernel threads show up as wakers and as occupants of CPUs."
        case .isCollector(let pid, let comm):
            "Pid \(pid) (\(comm)) is stallscope itself or what started it, which a recording leaves out; "
                + "name another process."
        case .noMatch(let option, let pattern, let examined, let kernelThreads):
            "\(option) '\(pattern)' matches none of the \(examined) processes that run now"
                + Self.kernelPart(kernelThreads) + ".  'ps -eo pid,comm,args' shows what there is to match."
        case .noSuchCgroup(let path, let hierarchies):
            "There is no cgroup '\(path)' in " + Self.list(hierarchies)
                + ".  'cat /proc/PID/cgroup' shows the paths of a process."
        case .emptyCgroup(let path, let hierarchies):
            "The cgroup '\(path)' (hierarchy \(hierarchies.joined(separator: ", "))) and those below it hold "
                + "no process now that can be recorded; start the service first."
        case .noProcesses(let root):
            "No process can be seen in \(root): is it mounted, and may this user look at other users' "
                + "processes (mount option hidepid)?"
        }
    }

    private static func place(_ position: Int?, in pattern: String) -> String {
        guard let position else { return "" }
        if position >= pattern.count { return ", at its end" }
        return ", at character \(position + 1) ('\(pattern.dropFirst(position).prefix(8))')"
    }

    private static func kernelPart(_ count: Int) -> String {
        switch count {
        case 0: ""
        case 1: "; it matches one kernel thread, which cannot be recorded"
        default: "; it matches \(count) kernel threads, which cannot be recorded"
        }
    }

    private static func list(_ hierarchies: [String]) -> String {
        hierarchies.isEmpty
            ? "any hierarchy, because no cgroup file system is mounted here"
            : "any of the hierarchies that were searched: " + hierarchies.joined(separator: ", ")
    }
}
