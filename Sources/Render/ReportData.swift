import Model
import Recording

/// What a report is made of: a stretch of a recording, loaded.
public struct ReportData: Sendable {
    public var path: String
    public var header: RecordingHeader
    public var isFinished: Bool
    /// First and last tick of the stretch; nil if there is none.
    public var span: (first: Tick, last: Tick)?
    public var tickCount: Int
    /// Every thread of the stretch, the busiest first.
    public var threads: [ThreadTotal]
    /// All waits of these threads, the longest total first.
    public var waits: [WaitTotal]
    /// Who kept them in the run queue, the longest total first.
    public var occupants: [OccupantTotal]
    /// Who used block devices, the longest time first; not only targets.
    public var block: [BlockTotal]
    /// For how long the host and the targets' cgroups were short of something.
    public var pressure: [PressureTotal]
    /// What performance counters counted for each thread.
    public var pmu: [PMUTotal] = []
    /// Requests of io_uring and aio, the longest time first.
    public var async: [AsyncTotal] = []
    /// What the threads called, the longest time first; empty unless it was recorded.
    public var syscalls: [SyscallTotal]
    /// What they moved through sockets and pipes, the most bytes first.
    public var traffic: [TrafficTotal]
    /// The kernel's own account of threads, the longest delays first.
    public var taskstats: [TaskstatsTotal]
    /// Which files were used through the page cache, and by whom; what was read in most first.
    public var pageCache: [PageCacheTotal]
    /// The host around the targets, and the limits that they live under.
    public var host: HostTotals
    /// Everything that any wait was for, by id.
    public var resources: [Int64: ResourceRow]
    public var conservation: Conservation
    /// How much of the time all single spells are known of; nil where none were kept.
    public var intervals: IntervalCoverage?
    public var targets: [TargetRow]
    public var losses: [Loss]

    public init(
        path: String, header: RecordingHeader, isFinished: Bool, span: (first: Tick, last: Tick)?,
        tickCount: Int, threads: [ThreadTotal], waits: [WaitTotal],
        occupants: [OccupantTotal] = [], block: [BlockTotal] = [], pressure: [PressureTotal] = [],
        syscalls: [SyscallTotal] = [], traffic: [TrafficTotal] = [],
        taskstats: [TaskstatsTotal] = [],
        pageCache: [PageCacheTotal] = [],
        host: HostTotals = HostTotals(),
        resources: [Int64: ResourceRow] = [:],
        conservation: Conservation,
        targets: [TargetRow], losses: [Loss]
    ) {
        self.path = path
        self.header = header
        self.isFinished = isFinished
        self.span = span
        self.tickCount = tickCount
        self.threads = threads
        self.waits = waits
        self.occupants = occupants
        self.block = block
        self.pressure = pressure
        self.syscalls = syscalls
        self.traffic = traffic
        self.taskstats = taskstats
        self.pageCache = pageCache
        self.host = host
        self.resources = resources
        self.conservation = conservation
        self.targets = targets
        self.losses = losses
    }

    /// Loads the stretch that a filter chooses.  Of a recording that is being written, everything is loaded
    /// up to the same tick.
    public static func load(
        _ recording: Recording, _ filter: Filter = Filter()
    ) throws(RecordingError) -> ReportData {
        let ticks = try recording.ticks(filter)
        let requestedEnd = filter.to
        var filter = filter
        // Ticks that are written from here on stay out; what happened in the last tick stays in.
        if let last = ticks.last, filter.to == nil { filter.to = ticks.map(\.time).max() ?? last.time }
        var events = Filter()
        events.from = filter.from
        events.to = requestedEnd
        let threads = try recording.threadTotals(filter)
        let waits = try recording.waitTotals(filter)
        var data = ReportData(
            path: recording.path, header: recording.header, isFinished: recording.isFinished,
            span: ticks.first.flatMap { first in ticks.last.map { (first, $0) } }, tickCount: ticks.count,
            threads: threads, waits: waits, occupants: try recording.occupantTotals(filter),
            block: try recording.blockTotals(filter), pressure: try recording.pressureTotals(filter),
            syscalls: try recording.syscallTotals(filter), traffic: try recording.trafficTotals(filter),
            taskstats: try recording.taskstatsTotals(filter),
            pageCache: try recording.pageCacheTotals(filter),
            host: try recording.hostTotals(filter),
            resources: try recording.resources(),
            // Whether time adds up does not depend on which waits are shown.
            conservation: Conservation(
                threads: threads,
                waits: filter.choosesWaits ? try recording.waitTotals(filter.withAllWaits) : waits),
            targets: try recording.targets(events), losses: try recording.losses(events))
        data.intervals = try recording.intervalCoverage(filter)
        data.pmu = try recording.pmuTotals(filter)
        data.async = try recording.asyncTotals(filter)
        return data
    }
}
