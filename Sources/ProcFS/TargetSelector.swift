/// Which processes a user wants to see.  Selections add up: a process is a target if any of them names it.
public struct TargetSelector: Sendable, Equatable {
    /// Process ids; a thread's id stands for its process.
    public var pids: [UInt32] = []
    /// Swift regular expressions, of which one must match somewhere in the comm (`^` and `$` bind it).
    public var commPatterns: [String] = []
    /// Swift regular expressions, of which one must match somewhere in the command line, as
    /// ``ProcTree/commandLine(of:)`` writes it.
    public var commandLinePatterns: [String] = []
    /// Cgroups as ``CgroupFinder/find(_:)`` takes them.
    public var cgroups: [String] = []
    /// Every process but the kernel's own threads.
    public var all = false

    public init(
        pids: [UInt32] = [], commPatterns: [String] = [], commandLinePatterns: [String] = [],
        cgroups: [String] = [], all: Bool = false
    ) {
        self.pids = pids
        self.commPatterns = commPatterns
        self.commandLinePatterns = commandLinePatterns
        self.cgroups = cgroups
        self.all = all
    }

    public var isEmpty: Bool {
        pids.isEmpty && commPatterns.isEmpty && commandLinePatterns.isEmpty && cgroups.isEmpty && !all
    }
}

/// The processes that a selector named at one moment.
public struct TargetSelection: Sendable, Equatable {
    public struct Target: Sendable, Equatable {
        public var pid: UInt32
        /// Why: "asked for by --pid 123", "comm matches 'redis.*'", "child of 123 (bash)".
        public var reason: String
        /// It was named itself, and is not only the child of one that was.
        public var isRoot: Bool

        public init(pid: UInt32, reason: String, isRoot: Bool) {
            self.pid = pid
            self.reason = reason
            self.isRoot = isRoot
        }
    }

    /// No process twice; parents come before the children that follow from them.
    public var targets: [Target]
    /// Sentences about what was understood other than said.
    public var notes: [String]
    /// Processes that were looked at, kernel threads not counted.
    public var examined: Int
}
