/// A process as it was from `since` on.  When its name, command line, executable or cgroup changes, a new
/// version with a new `id` begins, so a sample always refers to what was true at its time.
public struct ProcessVersion: Sendable, Equatable {
    /// Unique in a recording, one per version.
    public var id: Int64
    /// The same in all versions of one process, and never given to another, whatever happens to the pid.
    public var process: Int64
    public var since: UInt64
    public var pid: UInt32
    public var parentPID: UInt32
    /// The pid in the process's innermost pid namespace.
    public var namespacePID: UInt32
    public var started: UInt64
    public var comm: String
    /// Arguments, separated by spaces; those that hold spaces or quotes are quoted as for a shell.
    public var commandLine: String
    public var executable: String
    public var cgroup: String
    /// The container's id as its cgroup path gives it; empty outside containers.
    public var container: String
    /// The uid of its Kubernetes pod; empty outside of pods.
    public var pod: String
    public var uid: UInt32

    public init(
        id: Int64, process: Int64, since: UInt64, pid: UInt32, parentPID: UInt32, namespacePID: UInt32,
        started: UInt64, comm: String, commandLine: String = "", executable: String = "",
        cgroup: String = "", container: String = "", pod: String = "", uid: UInt32 = 0
    ) {
        self.id = id
        self.process = process
        self.since = since
        self.pid = pid
        self.parentPID = parentPID
        self.namespacePID = namespacePID
        self.started = started
        self.comm = comm
        self.commandLine = commandLine
        self.executable = executable
        self.cgroup = cgroup
        self.container = container
        self.pod = pod
        self.uid = uid
    }
}

/// A thread as it was from `since` on; see ``ProcessVersion`` for versions.
public struct ThreadVersion: Sendable, Equatable {
    public var id: Int64
    /// The same in all versions of one thread, and never given to another.
    public var thread: Int64
    /// `id` of the process version that it belongs to.
    public var process: Int64
    public var since: UInt64
    public var tid: UInt32
    public var namespaceTID: UInt32
    public var started: UInt64
    public var comm: String

    public init(
        id: Int64, thread: Int64, process: Int64, since: UInt64, tid: UInt32, namespaceTID: UInt32,
        started: UInt64, comm: String
    ) {
        self.id = id
        self.thread = thread
        self.process = process
        self.since = since
        self.tid = tid
        self.namespaceTID = namespaceTID
        self.started = started
        self.comm = comm
    }
}

/// The end of a thread (`process == nil`) or, with its last thread, of a process.
public struct TaskEnd: Sendable {
    /// ``ThreadVersion/id`` of the version that ended.
    public var thread: Int64
    /// ``ProcessVersion/id`` of the version that ended.
    public var process: Int64?
    public var time: UInt64
    /// As in `wait(2)`: the low seven bits hold a signal, the next byte the exit status.
    public var exitCode: Int32

    public init(thread: Int64, process: Int64?, time: UInt64, exitCode: Int32) {
        self.thread = thread
        self.process = process
        self.time = time
        self.exitCode = exitCode
    }
}
