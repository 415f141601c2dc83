import Glibc
import Logging
import Model
import Netlink
import Probes
import ProcFS

/// Records what the kernel tells without programs in it: each thread's totals, from /proc and from its exit record.
public final class TotalsRecorder: TargetRecorder {
    private let options: RecorderOptions
    private let accounts: TaskAccounts
    private let store: (TickBatch) throws -> Void
    private let logger: Logger
    private var builder: TickBuilder
    private var threads: TotalsTable
    private var exits: [TaskStatistics] = []
    private var clock: ClockMapping
    private var lastTick: UInt64
    private let started: UInt64
    private var pressure: PressureMeter
    private var host = HostChanges()
    public var onProgress: ((RecorderProgress) -> Void)?

    /// - Parameters:
    ///   - reason: why the programs cannot be used, as a sentence.
    ///   - followsChildren: children of targets are targets.
    ///   - store: keeps one tick; what it throws ends the recording.
    public init(
        options: RecorderOptions, accounts: TaskAccounts, reason: String, followsChildren: Bool,
        source: any ProcessFactsSource, resources: any ResourceFactsSource, logger: Logger,
        store: @escaping (TickBatch) throws -> Void
    ) {
        self.options = options
        self.accounts = accounts
        self.store = store
        self.logger = logger
        clock = ClockMapping.now()
        var tasks = TaskTable(source: source)
        tasks.wallOffset = clock.offset
        builder = TickBuilder(tasks: tasks, processes: source, resources: resources)
        threads = TotalsTable(proc: ProcTree(), followsChildren: followsChildren, own: UInt32(getpid()))
        lastTick = Clock.bootTime()
        started = lastTick
        pressure = PressureMeter()
        let missing = Loss(
            time: Clock.wallTime(), what: "everything that only BPF programs see", place: "recording",
            count: 1,
            advice: "\(reason) \(Self.missing)")
        logger.warning("\(missing.advice)")
        builder.add(missing)
        accounts.onExit = { [unowned self] in exits.append($0) }
    }

    /// What a recording of this kind does not hold.
    static let missing =
        "Only totals are recorded: on_cpu_ns, run_queue_ns, and the rest of alive_ns as blocked_ns, with switches. "
        + "In thread_seconds, stolen_ns, uninterruptible_ns, io_wait_ns, wakeups, migrations, minor_faults, "
        + "major_faults and the columns of bursts, wake_gaps and run_queues are 0. In waits and edges all time has "
        + "the kind other and an unknown waker, in run_queue_occupants an unknown occupant. resources and block_io "
        + "are empty. Of processes, only children of targets are found."

    public func add(_ targets: [(pid: UInt32, reason: String)]) throws {
        let now = Clock.bootTime()
        builder.withTasks { tasks in for target in targets { tasks.reasons[target.pid] = target.reason } }
        for target in targets { threads.add(target.pid, at: now) { builder.handle(.birth($0)) } }
        accounts.begin(with: builder.tasks.newThreads)
    }

    public func addAll() throws {
        let snapshot = ProcTree().snapshot()
        let user = snapshot.pids.filter { snapshot.processes[$0]?.isKernelThread == false }
        try add(user.map { ($0, "asked for by --all") })
    }

    public func spawn(_ start: () throws -> Command) throws -> Command {
        let command = try start()
        threads.begin(UInt32(command.pid), at: Clock.bootTime()) { builder.handle(.birth($0)) }
        return command
    }

    public func run(ready: () -> Void = {}, shouldStop: () -> Bool) throws {
        ready()
        let end = options.duration.map { started + $0 } ?? .max
        var deadline = started + options.interval
        var isOver = false
        while !isOver {
            while !shouldStop(), Clock.bootTime() < min(deadline, end) {
                accounts.readExits()
                if options.endsWithTargets && !threads.hasLiving { break }
                let rest = min(deadline, end) - min(Clock.bootTime(), min(deadline, end))
                usleep(UInt32(clamping: min(rest / 1000, 50_000)))
            }
            let now = Clock.bootTime()
            isOver = shouldStop() || now >= end || (options.endsWithTargets && !threads.hasLiving)
            try endTick(isLast: isOver)
            deadline += options.interval * max(1, (max(now, deadline) - deadline) / options.interval + 1)
        }
    }

    private func endTick(isLast: Bool) throws {
        if clock.reanchor() != nil { builder.withTasks { $0.wallOffset = clock.offset } }
        let now = Clock.bootTime()
        // First who lives, then who has ended: none is missed in between.
        var living = threads.look(at: now)
        accounts.readExits()
        // Where a thread has ended meanwhile, its process may go on with others that were not there before.  A storm would
        // never let this end.
        var known = 0
        for _ in 0..<4 where exits.count > known {
            known = exits.count
            let found = threads.foundByExit(exits)
            living.removeAll { found.contains($0.pid) }
            living += threads.look(in: found)
            accounts.readExits()
        }
        for event in threads.events(living: living, exits: exits, from: lastTick, to: now) {
            switch event {
            case .birth(let birth): builder.handle(.birth(birth))
            case .living(let record): builder.handleSettled(record)
            case .ended(let record): builder.handle(.sample(record))
            case .renamed(let thread, let comm): builder.handle(.rename(thread: thread, comm: comm, at: now))
            }
        }
        exits = []
        for loss in host.look(at: now &+ clock.offset).losses {
            logger.notice("\(loss.advice)")
            builder.add(loss)
        }
        let expected = threads.ids
        builder.withTasks { $0.endVanished(at: now, expected: expected) }
        if isLast { builder.withTasks { $0.closeAll(at: now, why: "the recording ended") } }
        let stalls = pressure.read(cgroups: builder.tasks.cgroups)
        let tick = Tick(
            number: builder.number, time: now &+ clock.offset, bootTime: now, duration: now - lastTick)
        lastTick = now
        var batch = builder.finish(tick)
        batch.pressure = stalls
        accounts.complete(&batch)
        try store(batch)
        onProgress?(
            RecorderProgress(
                elapsed: now - started, processes: builder.tasks.liveProcessCount,
                threads: builder.tasks.threads.count, seenProcesses: builder.tasks.seenProcesses,
                seenThreads: builder.tasks.seenThreads, lost: 0,
                onCPU: batch.samples.reduce(0) { $0 + $1.sample.onCPU }, alive: batch.tick.duration))
    }
}
