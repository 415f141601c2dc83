import Model
import Probes

/// Gathers what the kernel side says about one tick and turns it into the rows of a ``TickBatch``.
///
/// The order matters: births before samples of the threads born, last samples after the tick's samples of
/// the same threads.  ``handle(_:)`` keeps that order while a tick is being settled.
struct TickBuilder {
    private(set) var tasks: TaskTable
    private let processes: any ProcessFactsSource
    /// Number of the tick that is being gathered.
    private(set) var number: Int64 = 1
    private var samples: [Int64: ThreadSample] = [:]
    private var waits = WaitTable()
    private var occupants: OccupantTable
    private var intervals = IntervalTable()
    private var sums = TickSums()
    private var stacks: StackTable
    private var resources: ResourceTable
    private var idleRuns = IdleRunTable()
    private var resolutions: [WaitResolution] = []
    private var losses: [Loss] = []

    private var isSettling = false
    private var heldBack = HeldBack()
    /// Threads that ended in this tick.
    private(set) var endedCount = 0

    init(
        tasks: TaskTable, processes: any ProcessFactsSource, resources: any ResourceFactsSource,
        stacks: any StackFactsSource = HostStacks()
    ) {
        self.tasks = tasks
        self.processes = processes
        self.stacks = StackTable(source: stacks)
        self.resources = ResourceTable(source: resources)
        occupants = OccupantTable(source: processes)
    }

    mutating func withTasks<Result>(_ body: (inout TaskTable) -> Result) -> Result { body(&tasks) }

    /// Processes that are no targets, and may have become such as were asked for.
    private var startedProcesses: [UInt32] = []

    /// Those since the last call.
    mutating func takeStartedProcesses() -> [UInt32] {
        defer { startedProcesses = [] }
        return startedProcesses
    }

    mutating func add(_ loss: Loss) { losses.append(loss) }

    /// Processes that became targets by themselves since the last call.
    mutating func takeFoundProcesses() -> [(pid: UInt32, comm: String, usesEndpoint: Bool)] {
        let found = tasks.foundProcesses.compactMap { process in
            tasks.comm(of: process.pid).map { (process.pid, $0, process.usesEndpoint) }
        }
        tasks.foundProcesses = []
        return found
    }

    /// Finds names for some of the resources that were met since, before their processes end.
    mutating func nameResources(_ count: Int) { resources.nameNext(count) }

    /// To be called before the first stack is taken.
    func prepareForStacks() { stacks.prepare() }

    /// Finds names for the frames of some of the stacks that were met since.
    mutating func nameStacks(_ count: Int) { stacks.nameNext(count) }

    // MARK: What the kernel side says

    mutating func handle(_ event: KernelEvent) {
        switch event {
        case .birth(let birth):
            // Only of a process that was found by itself is the name needed.
            let place = birth.foundResource == 0 ? nil : resources.name(of: birth.foundResource)
            tasks.handle(birth, foundAt: place)
        case .resource(var record):
            if record.kind == .child {
                record.key.a = tasks.hostPID(ofChild: record.key.a, of: record.pid)
            }
            resources.handle(record, since: record.at &+ tasks.wallOffset)
        case .stack(let record): stacks.handle(record)
        case .exec(let exec): tasks.handle(exec)
        case .start(let pid): startedProcesses.append(pid)
        case .rename(let thread, let comm, let time): tasks.rename(thread, to: comm, at: time)
        case .moved(let thread, let pid, let time, let cgroup, let isUnified):
            tasks.moved(thread, pid: pid, to: cgroup, isUnified: isUnified, at: time)
        case .sample(let record) where isSettling: heldBack.add(record)
        case .sample(let record): handleLast(record)
        }
    }

    /// Ends the watch over a process that goes on; the kernel side must have let go of it.
    mutating func release(_ pid: UInt32, at time: UInt64, why: String) {
        for id in tasks.liveThreads(of: pid) {
            idleRuns.forget(id)
            if let run = tasks.threads[id]?.openIdleRun { idleRuns.close(run, lastTick: number) }
        }
        tasks.release(pid, at: time, why: why)
    }

    /// The kernel side settles its threads from now on: what ends meanwhile may belong to the next tick.
    ///
    /// - Parameter time: `CLOCK_BOOTTIME`, ns.
    mutating func beginSettling(at time: UInt64) {
        isSettling = true
        idleRuns.beginSettling(tick: number, at: time)
    }

    /// A thread's sample of the tick that is being settled.
    mutating func handleSettled(_ record: SampleRecord) {
        if tasks.threads[record.thread] == nil { tasks.handleUnknown(record) }
        idleRuns.noteReport(of: record.thread)
        add(record)
    }

    /// A thread's last sample, which comes when the thread ends, or the one before, if that had not been taken.
    private mutating func handleLast(_ record: SampleRecord) {
        if tasks.threads[record.thread] == nil { tasks.handleUnknown(record) }
        add(record)
        guard let exitCode = record.exitCode else { return }
        idleRuns.forget(record.thread)
        tasks.end(record, exitCode: exitCode)
        endedCount += 1
    }

    /// Waits of a thread that did not fit into its sample.
    mutating func handleSpilled(_ thread: UInt32, _ record: WaitRecord) {
        if isHeldBack(thread) { return heldBack.add(record, of: thread) }
        guard let version = version(of: thread) else { return }
        add(record.wait, to: version)
    }

    mutating func handleSpilled(_ thread: UInt32, _ record: OccupantRecord) {
        if isHeldBack(thread) { return heldBack.add(record, of: thread) }
        guard let version = version(of: thread), let pid = tasks.pid(ofThread: thread) ?? ended[thread]?.pid
        else { return }
        occupants.add(record.sample, to: version, pid: pid, tasks)
    }

    /// A thread that ended while others were settled, and had not been: all that it did since the last tick is in the
    /// sample that is held back.
    private func isHeldBack(_ thread: UInt32) -> Bool {
        heldBack.contains(thread) && !idleRuns.isReported(thread)
    }

    /// Threads that ended in this tick: what they spilled comes later.
    private var ended: [UInt32: (version: Int64, pid: UInt32)] = [:]

    private mutating func add(_ record: SampleRecord) {
        guard let version = tasks.threads[record.thread]?.version.id else { return }
        let tick = number
        var isPending = false
        samples[version, default: ThreadSample()] += record.sample
        if record.sample.onCPU > 0 { tasks.noteActivity(of: record.thread, at: record.to) }
        for entry in record.waits {
            add(entry.wait, to: version)
            if entry.wait.waker.kind == .pending { isPending = true }
        }
        for entry in record.occupants { occupants.add(entry.sample, to: version, pid: record.pid, tasks) }
        if record.exitCode != nil { ended[record.thread] = (version, record.pid) }

        let resolved: [WaitResolution]? = tasks.withThread(record.thread) { thread in
            idleRuns.close(&thread, with: record)
            var resolved: [WaitResolution] = []
            if let outcome = record.carried {
                resolved = thread.pending.map {
                    WaitResolution(
                        thread: $0.thread, tick: $0.tick, waker: outcome.waker, member: outcome.member,
                        timedOut: outcome.timedOut)
                }
                thread.pending = []
            }
            if isPending { thread.pending.append((version, tick)) }
            thread.reportedUntil = record.to
            thread.waiting = record.waiting
            thread.spell = record.spell
            return resolved
        }
        resolutions += resolved ?? []
    }

    private mutating func add(_ wait: WaitSample, to version: Int64) {
        resources.note(device: wait.subject.device)
        waits.add(wait, to: version)
    }

    // MARK: What is summed up beside

    mutating func handlePMU(_ thread: UInt32, _ samples: [PMUSample]) {
        if let version = version(of: thread) { sums.add(samples, of: version) }
    }

    mutating func handle(_ record: BlockRecord) {
        resources.note(device: record.sample.device)
        sums.add(record)
    }

    mutating func handle(_ sample: SyscallSample, of thread: UInt32) {
        if let version = version(of: thread) { sums.add(sample, of: version) }
    }

    mutating func handle(_ sample: TrafficSample, of thread: UInt32) {
        if let version = version(of: thread) { sums.add(sample, of: version) }
    }

    mutating func handle(_ sample: AsyncSample, of thread: UInt32) {
        sums.add(sample, of: thread, version: version(of: thread))
    }

    mutating func handle(_ record: StackWaitRecord, of thread: UInt32) {
        if let version = version(of: thread) { sums.add(stacks.sample(record), of: version) }
    }

    mutating func handle(_ sample: PageCacheSample) { sums.add(sample) }

    /// A thread that has ended, or whose birth was lost, has left its name with its last sample.
    private func version(of thread: UInt32) -> Int64? {
        tasks.threads[thread]?.version.id ?? ended[thread]?.version
    }

    /// Where a file lies that was met in an earlier tick or has been named in this.
    func place(ofFile id: Int64) -> ResidencyMeter.Place? { resources.place(ofFile: id) }

    // MARK: Intervals

    /// Run-queue intervals that ended in this tick, so spells off the CPU.
    var spellCount: UInt64 { samples.values.reduce(0) { $0 + $1.runQueues } }

    mutating func handle(_ record: IntervalRecord) { intervals.add(record) }

    /// The spells of the tick that ends at `end`; before ``finish(_:)``.
    ///
    /// - Parameter isLast: so that those that are not over are taken along.
    mutating func takeIntervals(until end: UInt64, _ clock: BootClock, isLast: Bool) -> [Interval] {
        let records = isLast ? intervals.takeAll(open: tasks.threads, at: end) : intervals.take(until: end)
        // Many spells have the same, and its cgroup may have to be looked up.
        var known: [UInt32: [Occupant: Occupant]] = [:]
        return records.map { record in
            resources.note(device: record.wait?.device ?? 0)
            let occupant = record.occupant.map { occupant in
                guard occupant.kind == .thread || occupant.kind == .quota else { return occupant }
                let owner = tasks.pid(ofThread: record.thread) ?? ended[record.thread]?.pid ?? 0
                let place = occupant.kind == .quota ? owner : 0
                if let complete = known[place]?[occupant] { return complete }
                let complete = occupants.complete(occupant, owner: owner, tick: number, tasks)
                known[place, default: [:]][occupant] = complete
                return complete
            }
            return Interval(
                thread: Int64(record.thread), left: clock.wall(record.left), woken: clock.wall(record.woken),
                queued: clock.wall(record.queued), ran: clock.wall(record.ran), wait: record.wait,
                waker: record.waker,
                wakerThread: Int64(record.wakerThread), member: record.member, timedOut: record.timedOut,
                occupant: occupant)
        }
    }

    /// Who holds what these spells still wait for.
    func heldLocks(of spells: [Interval]) -> [HeldLock] { LockHolders.of(spells, tasks, processes) }

    // MARK: The batch

    /// Everything since the last call, as the rows of `tick`, which must have ``number``.
    ///
    /// - Parameter isLast: no tick follows that what ended meanwhile could belong to.
    mutating func finish(_ tick: Tick, isLast: Bool = false) -> TickBatch {
        idleRuns.endSettling(at: tick.bootTime)
        // One that ended before it could be settled has a sample to come that tells of this tick, too.
        let untold = heldBack.samples.filter { !idleRuns.isSettled(in: number, before: $0) }
        idleRuns.open(tick: number, &tasks, except: Set(untold.map(\.thread)))
        if isLast { takeHeldBack() }
        var batch = TickBatch(tick: tick)
        batch.samples = samples.map { ($0.key, $0.value) }.sorted { $0.thread < $1.thread }
        batch.waits = waits.take(blockedIn: samples)
        batch.occupants = occupants.take(tick: number, queuedIn: samples)
        sums.take(into: &batch)
        (batch.frames, batch.stacks) = stacks.takeNew()
        batch.resources = resources.takeNew()
        batch.devices = resources.newDevices
        (batch.idleRuns, batch.idleRunEnds) = idleRuns.take()
        batch.resolutions = resolutions
        batch.losses = losses
        startNext(after: &batch)
        return batch
    }

    private mutating func startNext(after batch: inout TickBatch) {
        samples.removeAll(keepingCapacity: true)
        resources.newDevices = []
        resolutions = []
        losses = []
        ended = [:]
        tasks.forgetEnded()
        endedCount = 0
        isSettling = false
        batch.processes = tasks.newProcesses
        batch.threads = tasks.newThreads
        batch.ends = tasks.ends
        batch.targets = tasks.targetEvents
        tasks.newProcesses = []
        tasks.newThreads = []
        tasks.ends = []
        tasks.targetEvents = []
        number += 1
        takeHeldBack()
    }

    private mutating func takeHeldBack() {
        let held = heldBack
        heldBack = HeldBack()
        for record in held.samples { handleLast(record) }
        for (thread, record) in held.waits { handleSpilled(thread, record) }
        for (thread, record) in held.occupants { handleSpilled(thread, record) }
    }
}
