import ArgumentParser
import Collector
import Model
import Probes

struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Watch processes and store where every nanosecond of their threads went.",
        discussion: """
            Children and new threads of a target become targets themselves, and so do processes that start,
            or take a name or cgroup, later and match --comm, --cmdline, --cgroup or --all.  Recording ends with the last
            target, after --duration, or with Ctrl-C; everything up to then is stored.  The exit status is that
            of the command after --, if there is one; `stallscope doctor` says why nothing can be recorded.

            EXAMPLES
              Ten seconds of a running server:
                stallscope record --pid 1234 --duration 10s --output slow.stall
              Everything that is called redis-something:
                stallscope record --comm '^redis'
              A systemd service, or a container, by its cgroup:
                stallscope record --cgroup /system.slice/nginx.service
              For ever, with an hour to look back on:
                stallscope record --all --retain 1h --output /var/lib/stallscope.stall
              A program from its first instruction to its last:
                stallscope record --output build.stall -- make -j4
            """)

    @OptionGroup(title: "Targets") var targets: TargetOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The recording [default: stallscope-<host>-<time>.stall].", valueName: "file"))
    var output: String?

    @Option(help: "How long to record, as in 500ms, 10s, 5m; without it, until the targets end.")
    var duration: DurationArgument?

    @OptionGroup var ticks: TickOptions

    @OptionGroup(title: "Keeping only a part") var kept: RetentionOptions

    @OptionGroup(title: "Following") var followed: FollowOptions

    @Option(help: ArgumentHelp("Bytes for events on their way from the kernel, as 2^n.", valueName: "bytes"))
    var eventBuffer: UInt32 = KernelPlane.Limits().eventBytes

    @Option(help: ArgumentHelp("Distinct waits in one interval that the kernel keeps.", valueName: "n"))
    var waitEntries: UInt32 = KernelPlane.Limits().waits

    @Option(
        help: ArgumentHelp("Distinct locks, sockets, files and so on that the kernel keeps.", valueName: "n"))
    var resourceEntries: UInt32 = KernelPlane.Limits().resources

    @Option(
        help: ArgumentHelp("Threads that are watched at a time; others are counted as lost.", valueName: "n"))
    var maxThreads: UInt32?

    @Option(
        help: """
            Which single spells of threads off the CPU are stored: all within slices of the time that are as long as the \
            budget allows (adaptive), all there are (full), or none (off).
            """)
    var intervals = IntervalMode.adaptive

    @Option(help: ArgumentHelp("How many spells a second are stored, about.", valueName: "n"))
    var intervalBudget: UInt64 = RecorderOptions().intervalBudget ?? 0

    @Option(
        help: ArgumentHelp(
            "Bytes for spells on their way from the kernel, as 2^n [default: 2 MB; full: 32 MB].",
            valueName: "bytes"))
    var intervalBuffer: UInt32?

    @Flag(help: "Do not count requests to block devices.")
    var noBlockIO = false

    @Flag(
        help: ArgumentHelp(
            "Do not count requests of io_uring.",
            discussion:
                "They are from when a target has a ring: one of a target then takes 0.6 us more, and 0.15 us of others."
        ))
    var noIoUring = false

    @Flag(
        help: """
            Do not read the host's CPUs, devices and networks and the limits of the targets' cgroups at each tick: with 50 \
            cgroups that takes up to 3 ms.
            """)
    var noHost = false

    @Option(
        help: ArgumentHelp(
            """
            Performance counters for each thread, at most \(PMUEvent.limit): cycles,instructions,llc-misses,page-faults \
            and others by their names in `perf list`, or r<hex>. They add 0.13 us to a switch, and 0.15 us for each event.
            """, valueName: "event,..."))
    var pmu: String?

    @Option(
        help: ArgumentHelp(
            "Count system calls: all, or --syscalls=futex,read. While it records, each call takes 0.2 us longer in every process of the host, and 0.3 us in targets.",
            valueName: "names"))
    var syscalls: SyscallList?

    @Flag(
        help: ArgumentHelp(
            "Store the kernel's own account of each thread too, and totals alone where BPF cannot be used.",
            discussion: "Costs \(TaskAccounts.cost); needs CAP_NET_ADMIN."))
    var taskstats = false

    @Flag(
        help: ArgumentHelp(
            "Turn kernel.task_delayacct on while recording, for the delay columns of --taskstats.",
            discussion: "The former value is restored at the end. It slows every switch of the host a little."
        ))
    var enableDelayacct = false

    @Flag(
        help: """
            Count look-ups, misses, read-ahead, write-back and evictions of files in the page cache, and how much of them \
            is there; each costs 0.1 to 0.2 us.
            """)
    var pageCache = false

    @Flag(
        help: ArgumentHelp(
            """
            Take the call stacks of threads that block and of those that wake them. While it records, a switch of a target \
            takes 1.5 us longer, and a waking of one 3 us.
            """))
    var stacks = false

    @OptionGroup var colors: ColorOptions

    @OptionGroup var logging: LoggingOptions

    @Argument(parsing: .postTerminator, help: "A program to start and to watch, after --.")
    var command: [String] = []

    func validate() throws {
        guard command.isEmpty != targets.isEmpty else {
            throw ValidationError(
                command.isEmpty
                    ? "Say what to record: --pid, --comm, --cmdline, --cgroup, --endpoint, --all, or a command after --."
                    : "Give either a command after -- or processes to record, not both.")
        }
        guard eventBuffer >= 4096, eventBuffer.nonzeroBitCount == 1 else {
            throw ValidationError("--event-buffer must be a power of two, at least 4096.")
        }
        if let intervalBuffer, intervalBuffer < 4096 || intervalBuffer.nonzeroBitCount != 1 {
            throw ValidationError("--interval-buffer must be a power of two, at least 4096.")
        }
        guard intervalBudget > 0 else {
            throw ValidationError("--interval-budget must be at least 1; --intervals off stores none.")
        }
        guard taskstats || !enableDelayacct else {
            throw ValidationError("--enable-delayacct is of no use without --taskstats.")
        }
        guard resourceEntries > 0 else { throw ValidationError("--resource-entries must be at least 1.") }
        if maxThreads == 0 { throw ValidationError("--max-threads must be at least 1.") }
        guard waitEntries > 0 else { throw ValidationError("--wait-entries must be at least 1.") }
        try syscalls?.validate()
        if let duration, duration.nanoseconds == 0 {
            throw ValidationError("--duration must be more than 0.")
        }
    }
}

/// Which single spells off the CPU are stored.
enum IntervalMode: String, ExpressibleByArgument, CaseIterable {
    case adaptive, full, off
}
