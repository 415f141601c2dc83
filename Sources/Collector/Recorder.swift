import BPF
import Glibc
import Logging
import Model
import Probes

/// Records targets until told to stop, and hands over one tick after another.
public final class Recorder {
    private let options: RecorderOptions
    private let plane: KernelPlane
    private let store: (TickBatch) throws -> Void
    private let logger: Logger
    private let builder: Box
    private let events: RingBuffer
    private var losses = LossWatch()
    private var clock: ClockMapping
    private var lastTick: UInt64
    private var pressure: PressureMeter
    private let accounts: TaskAccounts?
    private let residency = ResidencyMeter()
    private var surroundings: Surroundings?
    private var host = HostChanges()
    /// Of the tick that ended last, ns.
    private var suspended: UInt64 = 0
    /// What each connection had sent again at its last sample, by resource.
    private var retransmits: [Int64: UInt64] = [:]
    private let policy: FollowPolicy?
    /// Why a process that started, was renamed or moved is a target; nil: it is not.
    private let latecomer: ((UInt32) -> String?)?
    private let started: UInt64
    /// nil where single spells are not kept.
    private var spells: SpellWatch?
    /// Called at the end of every tick.
    public var onProgress: ((RecorderProgress) -> Void)?

    /// The ring buffer's callback and the tick loop work on the same builder, on the same thread.
    private final class Box {
        var value: TickBuilder
        init(_ value: TickBuilder) { self.value = value }
    }

    /// Attaches the kernel side.  Nothing is a target yet.
    ///
    /// - Parameters:
    ///   - policy: what must not become a target by itself; nil if nothing does.
    ///   - latecomer: why a process that started, was renamed or moved after the beginning is a target, nil if it is not;
    ///     it needs ``KernelPlane/Limits/tellsStarts``.
    ///   - accounts: the kernel's own account of the threads, to be stored too.
    ///   - store: keeps one tick; what it throws ends the recording.
    public init(
        options: RecorderOptions, plane: KernelPlane, source: any ProcessFactsSource,
        resources: any ResourceFactsSource, policy: FollowPolicy? = nil,
        latecomer: ((UInt32) -> String?)? = nil, accounts: TaskAccounts? = nil, logger: Logger,
        store: @escaping (TickBatch) throws -> Void
    ) throws(BPFError) {
        self.options = options
        self.plane = plane
        self.store = store
        self.policy = policy
        self.latecomer = latecomer
        self.accounts = accounts
        self.logger = logger
        clock = ClockMapping.now()
        var tasks = TaskTable(source: source)
        tasks.wallOffset = clock.offset
        let box = Box(TickBuilder(tasks: tasks, processes: source, resources: resources))
        builder = box
        events = try plane.events { box.value.handle($0) }
        try plane.receiveIntervals(with: events) { (record: IntervalRecord) in box.value.handle(record) }
        if plane.takesStacks { box.value.prepareForStacks() }
        if let policy { try plane.exclude(policy.excludedNow(collector: UInt32(getpid()))) }
        try plane.attach()
        lastTick = Clock.bootTime()
        // Like the first tick, it begins when everything is attached, which is work for the host too.
        pressure = PressureMeter()
        surroundings = options.readsHost ? Surroundings() : nil
        started = lastTick
        spells = SpellWatch(plane, options, wallOffset: clock.offset)
    }

    /// What was asked for by name or cgroup and came later.
    private func addLatecomers() throws(BPFError) {
        let started = builder.value.takeStartedProcesses()
        guard let latecomer, !started.isEmpty else { return }
        let targets = Set(started).subtracting(builder.value.tasks.livePIDs).compactMap { pid in
            latecomer(pid).map { (pid: pid, reason: $0) }
        }
        if !targets.isEmpty { try add(targets) }
    }

    /// Makes processes targets, with the reasons that the recording gives for them.
    public func add(_ targets: [(pid: UInt32, reason: String)]) throws(BPFError) {
        builder.value.withTasks { tasks in
            for target in targets { tasks.reasons[target.pid] = target.reason }
        }
        try plane.adopt(targets.map(\.pid))
        try events.consume()
        beginAccounts()
        surroundings?.begin(builder.value.tasks.livePIDs)
    }

    public func addAll() throws(BPFError) {
        try plane.adoptAll()
        try events.consume()
        beginAccounts()
    }

    /// What the kernel has counted of targets until now is not theirs to tell.
    private func beginAccounts() { accounts?.begin(with: builder.value.tasks.newThreads) }

    /// What `start` starts becomes a target from its first instruction.
    public func spawn<Result>(_ start: () throws -> Result) throws -> Result { try spawning(start) }

    func spawning<Result>(_ start: () throws -> Result) throws -> Result {
        plane.isSpawning = true
        defer { plane.isSpawning = false }
        return try start()
    }

    /// Whether any process lives that was asked for, or a descendant of one: those that were found do not count.
    public var hasTargets: Bool { builder.value.tasks.liveRootCount > 0 }

    /// Records until the duration is over, the last target has ended, or `shouldStop` says so.
    ///
    /// - Parameter ready: called once, when nothing but what goes on from tick to tick is left to do.
    public func run(ready: () -> Void = {}, shouldStop: () -> Bool) throws {
        // What is begun late is lost: a collector that has to wait behind a storm of targets misses their ends.
        // It takes little time, so it takes none of theirs by coming first.  Only this thread, and only now: the
        // command given to `record` has been started and must not inherit it.  Without CAP_SYS_NICE it stays as it is.
        let niceness = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
        defer { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, niceness) }
        ready()
        let end = options.duration.map { started + $0 }
        var deadline = started + options.interval
        var isOver = false
        while !isOver {
            try waitUntil(min(deadline, end ?? .max), shouldStop: shouldStop)
            let now = Clock.bootTime()
            // With an interval that was over before the wait began, the first births are still to be read, and what was
            // asked for is still to be attached.
            try events.consume()
            try plane.adjustHooks()
            isOver = shouldStop() || now >= end ?? .max || (options.endsWithTargets && !hasTargets)
            try endTick(isLast: isOver)
            // After a suspend, or when there was no CPU to be had, ticks that were missed are not made up.
            let passed = (max(now, deadline) - deadline) / options.interval
            // Those in which the host slept have been told as what they were.
            let asleep = suspended == 0 ? 0 : suspended / options.interval + 1
            if passed > asleep, !isOver {
                note(LossWatch.missedTicks(passed - asleep, at: now &+ clock.offset))
            }
            deadline += options.interval * (passed + 1)
        }
        if plane.unseenTurns > 0 {
            logger.info(
                """
                \(plane.unseenTurns) turns on CPUs began unseen, because this kernel calls no program in the context of \
                the task before: nobody is named for what an interrupt of it woke.
                """)
        }
    }

    private static let niceness: Int32 = -10

    private func waitUntil(_ deadline: UInt64, shouldStop: () -> Bool) throws(BPFError) {
        while !shouldStop() {
            let now = Clock.bootTime()
            guard now < deadline else { return }
            let milliseconds = (deadline - now + 999_999) / 1_000_000
            try events.wait(milliseconds: Int32(clamping: min(milliseconds, 200)))
            spells?.look()
            accounts?.readExits()
            try plane.adjustHooks()
            try completeFoundProcesses()
            try addLatecomers()
            try events.consume()
            builder.value.nameResources(Self.namedAtOnce)
            builder.value.nameStacks(Self.namedAtOnce)
            if options.endsWithTargets && !hasTargets { return }
            // Many short lives would fill the memory before a long interval is over.
            if builder.value.endedCount > 20_000 { return }
        }
    }

    /// Names that are found before the events are looked at again: some 10 ms for the slowest.
    private static let namedAtOnce = 32

    private func endTick(isLast: Bool) throws {
        let step = clock.reanchor()
        if let step {
            builder.value.withTasks { $0.wallOffset = clock.offset }
            noteChange(LossWatch.clockStep(step))
        }
        try events.consume()
        builder.value.beginSettling(at: Clock.bootTime())
        var settled: [SampleRecord] = []
        try plane.endTick { settled.append($0) }
        let now = Clock.bootTime()
        try plane.blockRequestsUnderWay(at: now) { builder.value.handle($0) }
        let live = Set(builder.value.tasks.livePIDs)
        var underWay: [(UInt32, AsyncSample)] = []
        try plane.asyncRequestsUnderWay(at: now, isLive: live.contains) { underWay.append(($0, $1)) }
        let stalls = pressure.read(cgroups: builder.value.tasks.cgroups)
        // Whose end is read now was born before, so what follows tells of it.
        accounts?.readExits()
        var around = surroundings?.read(builder.value.tasks.livePIDs) ?? SurroundingsSample()
        try events.consume()
        for record in settled { builder.value.handleSettled(record) }
        try plane.takeSpilledWaits { builder.value.handleSpilled($0, $1) }
        try plane.takeSpilledOccupants { builder.value.handleSpilled($0, $1) }
        try plane.takePMUCounts { builder.value.handlePMU($0, $1) }
        try plane.takeBlockRequests { builder.value.handle($0) }
        try plane.takeSyscalls { builder.value.handle($1, of: $0) }
        try plane.takeTraffic { builder.value.handle($1, of: $0) }
        for (thread, sample) in underWay { builder.value.handle(sample, of: thread) }
        try plane.takeAsyncRequests { builder.value.handle($1, of: $0) }
        // New stacks of sleepers are met on the way, and their events come before what refers to them.
        var stackWaits: [(UInt32, StackWaitRecord)] = []
        try plane.takeStackWaits { stackWaits.append(($0, $1)) }
        try events.consume()
        for (thread, record) in stackWaits { builder.value.handle(record, of: thread) }
        try plane.takePageCache { builder.value.handle($0) }
        try plane.takeConnections(before: { retransmits[$0] }) { around.connections.append($0) }
        for sample in around.connections { retransmits[sample.resource] = sample.retransmitsEver }
        try completeFoundProcesses()
        try releaseIdleProcesses(at: now)
        try noteLosses(at: now)
        let change = host.look(at: now &+ clock.offset)
        suspended = change.suspended
        change.losses.forEach(noteChange)
        let intervals = takeIntervals(at: now, step: step ?? 0, isLast: isLast)
        let heldLocks = isLast ? builder.value.heldLocks(of: intervals) : []
        if isLast { builder.value.withTasks { $0.closeAll(at: now, why: "the recording ended") } }

        let tick = Tick(
            number: builder.value.number, time: now &+ clock.offset, bootTime: now,
            duration: now - lastTick)
        lastTick = now
        var batch = builder.value.finish(tick, isLast: isLast)
        batch.intervals = intervals
        spells?.takeSlices(into: &batch)
        batch.heldLocks = heldLocks
        batch.pressure = stalls
        accounts?.complete(&batch)
        batch.residency = residency.read(batch.pageCache) { builder.value.place(ofFile: $0) }
        batch.surroundings = around
        // Resources that nobody has waited for in an hour of ticks are most likely closed connections.
        if tick.number % 60 == 0 { try plane.forgetStacks(unusedFor: 300) }
        if tick.number % 600 == 0 {
            try plane.forgetResources(unusedFor: 3600)
            retransmits.removeAll()
        }
        try store(batch)
        report(batch, at: now)
    }

    private func takeIntervals(at now: UInt64, step: Int64, isLast: Bool) -> [Interval] {
        guard var spells else { return [] }
        spells.endTick(
            at: now, wall: now &+ clock.offset, step: step,
            rate: Double(builder.value.spellCount) * 1e9 / Double(max(1, now - lastTick)))
        self.spells = spells
        return builder.value.takeIntervals(until: now, spells.clock, isLast: isLast)
    }

    /// The kernel side makes the one thread a target that communicated; this adds the rest of its process, or
    /// lets it go where the user does not want it.
    private func completeFoundProcesses() throws(BPFError) {
        let found = builder.value.takeFoundProcesses()
        guard !found.isEmpty else { return }
        var refused: [(pid: UInt32, why: String)] = []
        for process in found where !process.usesEndpoint {
            if let policy,
                let why = policy.refusal(comm: process.comm, commandLine: policy.commandLine(of: process.pid))
            {
                refused.append((process.pid, why))
            }
        }
        let kept = Set(found.map(\.pid)).subtracting(refused.map(\.pid))
        try plane.adopt(kept)
        try events.consume()
        try release(refused)
    }

    private func releaseIdleProcesses(at now: UInt64) throws(BPFError) {
        guard let limit = options.maxIdle, now > limit else { return }
        let idle = builder.value.tasks.idle(since: now - limit)
        try release(idle.map { ($0, "idle for \(Self.seconds(limit)) s") })
    }

    /// `0.4`, `90`
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let seconds = Double(nanoseconds) / 1e9
        return seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
    }

    /// What begins between these processes and targets from now on is ignored.
    private func release(_ processes: [(pid: UInt32, why: String)]) throws(BPFError) {
        guard !processes.isEmpty else { return }
        try plane.exclude(processes.map(\.pid))
        try plane.drop(processes.map(\.pid))
        try events.consume()
        let now = Clock.bootTime()
        for process in processes { builder.value.release(process.pid, at: now, why: process.why) }
    }

    private func noteLosses(at time: UInt64) throws(BPFError) {
        let found = try losses.look(plane, at: time &+ clock.offset)
        for loss in found { note(loss) }
        // From then on a thread may have ended unseen at any time.
        if losses.hasLostSamples { builder.value.withTasks { $0.endVanished(at: time) } }
    }

    private func note(_ loss: Loss) {
        logger.warning("\(loss.count) \(loss.what) lost in the \(loss.place). \(loss.advice)")
        builder.value.add(loss)
    }

    /// What happened to the host, of which no time is missing.
    private func noteChange(_ loss: Loss) {
        logger.notice("\(loss.advice)")
        builder.value.add(loss)
    }

    private func report(_ batch: TickBatch, at now: UInt64) {
        guard let onProgress else { return }
        onProgress(
            RecorderProgress(
                elapsed: now - started, processes: builder.value.tasks.liveProcessCount,
                threads: builder.value.tasks.threads.count,
                seenProcesses: builder.value.tasks.seenProcesses,
                seenThreads: builder.value.tasks.seenThreads, lost: losses.lostRecords,
                onCPU: batch.samples.reduce(0) { $0 + $1.sample.onCPU }, alive: batch.tick.duration))
    }
}
