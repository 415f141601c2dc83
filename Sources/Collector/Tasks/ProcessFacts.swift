import ProcFS

/// What the kernel side does not tell of a process, read once and again when it changes.
public struct ProcessFacts: Sendable, Equatable {
    public var commandLine: String
    public var executable: String
    public var cgroup: String
    public var container: String
    public var pod: String

    public init(
        commandLine: String = "", executable: String = "", cgroup: String = "", container: String = "",
        pod: String = ""
    ) {
        self.commandLine = commandLine
        self.executable = executable
        self.cgroup = cgroup
        self.container = container
        self.pod = pod
    }
}

/// Where ``ProcessFacts`` come from: /proc, or a table in tests.
public protocol ProcessFactsSource {
    /// nil if there is no such process any more.
    func facts(of pid: UInt32) -> ProcessFacts?
    /// Whether a thread of that process still exists.
    func isAlive(pid: UInt32, tid: UInt32) -> Bool
    /// Thread id, in the process's own pid namespace, of who holds the lock that a thread sleeps for; nil if none is known.
    func lockOwner(pid: UInt32, tid: UInt32) -> UInt32?
    /// The cgroup path that says most of a process; nil if it is gone.
    func cgroup(of pid: UInt32) -> String?
    /// The cgroup whose CPU quota binds the process, nil if there is none.
    func cpuQuota(of pid: UInt32) -> CPUQuota?
}
