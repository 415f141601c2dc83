import ArgumentParser
import Probes
import ProcFS

/// Which processes to watch, for every command that watches any.
struct TargetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A process, by its id (repeatable).", valueName: "N"))
    var pid: [UInt32] = []

    @Option(help: ArgumentHelp("Processes whose comm matches (repeatable).", valueName: "regex"))
    var comm: [String] = []

    @Option(help: ArgumentHelp("Processes whose command line matches (repeatable).", valueName: "regex"))
    var cmdline: [String] = []

    @Option(help: ArgumentHelp("Processes in a cgroup and those below it (repeatable).", valueName: "path"))
    var cgroup: [String] = []

    @Option(
        help: ArgumentHelp(
            "Whoever listens on, connects to or is connected to a TCP endpoint, now or later (repeatable).",
            valueName: "ip:port"))
    var endpoint: [Endpoint] = []

    @Flag(help: "Every process on the host.")
    var all = false

    var isEmpty: Bool { selector.isEmpty && endpoint.isEmpty }

    /// Whether a process that does not exist yet may be meant.
    var canMatchLater: Bool { all || !comm.isEmpty || !cmdline.isEmpty || !cgroup.isEmpty }

    var selector: TargetSelector {
        TargetSelector(
            pids: pid, commPatterns: comm, commandLinePatterns: cmdline, cgroups: cgroup, all: all)
    }

    func validate() throws {
        guard endpoint.count <= KernelPlane.Following.endpointLimit else {
            throw ValidationError("At most \(KernelPlane.Following.endpointLimit) endpoints can be watched.")
        }
    }
}

/// How often what was watched is stored.
struct TickOptions: ParsableArguments {
    @Option(help: "How often to store, from 100ms to 60s.")
    var interval = DurationArgument(nanoseconds: 1_000_000_000)

    func validate() throws {
        guard (100_000_000...60_000_000_000).contains(interval.nanoseconds) else {
            throw ValidationError("--interval must be from 100ms to 60s.")
        }
    }
}

/// What becomes a target beside what was asked for, and what is let go.
struct FollowOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Which other processes become targets: those at the other end of a wait (ipc), only children, or none."
        ))
    var follow = Follow.ipc

    @Option(
        help: ArgumentHelp("How many processes away from a target one is still followed.", valueName: "n"))
    var hops: UInt32 = KernelPlane.Following().hops

    @Option(help: ArgumentHelp("How many threads are followed at most.", valueName: "n"))
    var followLimit: UInt32 = KernelPlane.Following().limit

    @Option(
        help: ArgumentHelp(
            "Processes that are not followed: comm or command line (repeatable). System daemons never are.",
            valueName: "regex"))
    var exclude: [String] = []

    @Option(help: "Let go of a process none of whose threads has run for this long.")
    var maxIdle: DurationArgument?
}

/// Which processes become targets by themselves.
enum Follow: String, ExpressibleByArgument, CaseIterable {
    case ipc, children, none
}

extension Endpoint: ExpressibleByArgument {
    public init?(argument: String) { self.init(parsing: argument) }
}
