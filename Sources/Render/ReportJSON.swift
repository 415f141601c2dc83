import Foundation
import Model
import Recording

/// A report as JSON.  The shape is documented in docs/recording.md: members are added, never changed.
/// Durations are nanoseconds, times nanoseconds since the Unix epoch.
public enum ReportJSON {
    /// - Parameter top: how many threads and waits to put in; nil for all.
    /// - Throws: `EncodingError`.
    public static func render(_ data: ReportData, top: Int? = nil) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let bytes = try encoder.encode(Document(data, top: top ?? Int.max))
        return JSONText.harmless(String(decoding: bytes, as: UTF8.self)) + "\n"
    }
}

private struct Document: Encodable {
    var recording: RecordingPart
    var conservation: ConservationPart
    var intervals: IntervalsPart?
    var threadCount: Int
    var threads: [ThreadPart]
    var waitCount: Int
    var waits: [WaitPart]
    var runQueueOccupants: [OccupantPart]
    var blockIo: [BlockPart]
    var ioUring: [AsyncPart]
    var aio: [AsyncPart]
    var pressure: [PressurePart]
    var pmu: [PMUPart]
    var systemCalls: [SyscallPart]
    var transfers: [TrafficPart]
    var taskstats: [TaskstatsPart]
    var pageCache: [PageCachePart]
    var host: HostPart
    var targets: [TargetPart]
    var losses: [LossPart]

    init(_ data: ReportData, top: Int) {
        recording = RecordingPart(data)
        conservation = ConservationPart(data.conservation)
        intervals = data.intervals.map(IntervalsPart.init)
        threadCount = data.threads.count
        threads = data.threads.prefix(top).map(ThreadPart.init)
        waitCount = data.waits.count
        waits = data.waits.prefix(top).map(WaitPart.init)
        runQueueOccupants = data.occupants.prefix(top).map(OccupantPart.init)
        blockIo = data.block.prefix(top).map(BlockPart.init)
        ioUring = data.async.filter { $0.sample.issue != .aio }.prefix(top).map(AsyncPart.init)
        aio = data.async.filter { $0.sample.issue == .aio }.prefix(top).map(AsyncPart.init)
        pressure = data.pressure.map(PressurePart.init)
        pmu = data.pmu.map(PMUPart.init)
        systemCalls = data.syscalls.prefix(top).map(SyscallPart.init)
        transfers = data.traffic.prefix(top).map(TrafficPart.init)
        taskstats = data.taskstats.prefix(top).map(TaskstatsPart.init)
        pageCache = data.pageCache.prefix(top).map(PageCachePart.init)
        host = HostPart(data.host, top: top)
        targets = data.targets.map(TargetPart.init)
        losses = data.losses.map(LossPart.init)
    }
}

private struct RecordingPart: Encodable {
    var path, host, kernel, bootId, command, version: String
    var cpus: Int
    var startedNs, intervalNs: UInt64
    var finished: Bool
    var fromNs, toNs: UInt64?
    var ticks: Int

    init(_ data: ReportData) {
        let header = data.header
        (path, host, kernel, bootId) = (data.path, header.host, header.kernel, header.bootID)
        (command, version, cpus) = (header.command, header.version, header.cpus)
        (startedNs, intervalNs, finished) = (header.started, header.interval, data.isFinished)
        fromNs = data.span.map { $0.first.time - min($0.first.time, $0.first.duration) }
        toNs = data.span?.last.time
        ticks = data.tickCount
    }
}

private struct ConservationPart: Encodable {
    var threadTicks: Int
    var aliveNs, onCpuNs, wakingNs, runQueueNs, blockedNs, waitsNs, kernelOnCpuNs, kernelRunQueueNs: UInt64
    var largestDeviation: Double

    init(_ sum: Conservation) {
        (threadTicks, aliveNs, onCpuNs) = (sum.rows, sum.alive, sum.onCPU)
        (wakingNs, runQueueNs) = (sum.waking, sum.runQueue)
        (blockedNs, waitsNs, largestDeviation) = (sum.blocked, sum.waits, sum.largestDeviation)
        (kernelOnCpuNs, kernelRunQueueNs) = (sum.kernelOnCPU, sum.kernelRunQueue)
    }
}

private struct ThreadPart: Encodable {
    var pid, tid: UInt32
    var process, thread: Int64
    var comm, processComm, cgroup, container: String
    var ticks: Int
    var aliveNs, onCpuNs, wakingNs, runQueueNs, blockedNs, uninterruptibleNs, ioWaitNs: UInt64
    var voluntarySwitches, involuntarySwitches, wakeups, migrations, minorFaults, majorFaults: UInt64
    var waitsWithoutWaker, missedSwitches, wakings, wakingMaxNs: UInt64
    var bursts, burstTotalNs, burstMaxNs, wakeGaps, wakeGapTotalNs: UInt64
    var runQueues, runQueueMaxNs, stolenNs: UInt64
    var burstHistogram, wakeGapHistogram, runQueueHistogram, wakingHistogram: [UInt32]
    var kernelOnCpuNs, kernelRunQueueNs: UInt64
    var largestDeviation: Double

    init(_ total: ThreadTotal) {
        let sample = total.sample
        (pid, tid, process, thread) = (total.pid, total.tid, total.process, total.thread)
        (comm, processComm, cgroup) = (total.comm, total.processComm, total.cgroup)
        (container, ticks) = (total.container, total.ticks)
        (aliveNs, onCpuNs) = (sample.alive, sample.onCPU)
        (wakingNs, runQueueNs) = (sample.waking, sample.runQueue)
        (blockedNs, uninterruptibleNs, ioWaitNs) = (sample.blocked, sample.uninterruptible, sample.ioWait)
        (voluntarySwitches, involuntarySwitches) = (sample.voluntarySwitches, sample.involuntarySwitches)
        (wakeups, migrations) = (sample.wakeups, sample.migrations)
        (minorFaults, majorFaults) = (sample.minorFaults, sample.majorFaults)
        (bursts, burstTotalNs, burstMaxNs) = (sample.bursts, sample.burstTotal, sample.longestBurst)
        (wakeGaps, wakeGapTotalNs) = (sample.wakeGaps, sample.wakeGapTotal)
        (burstHistogram, wakeGapHistogram) = (sample.burstLengths.counts, sample.wakeGapLengths.counts)
        (runQueues, runQueueMaxNs, stolenNs) = (sample.runQueues, sample.longestRunQueue, sample.stolen)
        runQueueHistogram = sample.runQueueLengths.counts
        (waitsWithoutWaker, missedSwitches) = (sample.waitsWithoutWaker, sample.missedSwitches)
        (wakings, wakingMaxNs) = (sample.wakings, sample.longestWaking)
        wakingHistogram = sample.wakingLengths.counts
        (kernelOnCpuNs, kernelRunQueueNs) = (sample.kernelOnCPU, sample.kernelRunQueue)
        largestDeviation = total.largestDeviation
    }
}

private struct WaitPart: Encodable {
    var pid, tid: UInt32
    var process, thread: Int64
    var comm, processComm, kind, wakerKind: String
    var direction, syscall, resource, member, device, wakerComm: String?
    var resourceId, memberId: Int64
    var uninterruptible, timedOut: Bool
    var wakerPid, wakerTid: UInt32?
    var count, totalNs, maxNs: UInt64
    var histogram: [UInt32]

    init(_ wait: WaitTotal) {
        (pid, tid, process, thread) = (wait.pid, wait.tid, wait.process, wait.thread)
        (comm, processComm, kind, wakerKind) = (wait.comm, wait.processComm, wait.kind, wait.wakerKind)
        (direction, syscall, resource) = (wait.direction, wait.syscall, wait.resource)
        (member, device, memberId) = (wait.member, wait.device, wait.memberID)
        (wakerComm, resourceId) = (wait.wakerComm, wait.resourceID)
        (uninterruptible, timedOut) = (wait.isUninterruptible, wait.timedOut)
        (wakerPid, wakerTid) = (wait.wakerPID, wait.wakerTID)
        (count, totalNs, maxNs) = (wait.count, wait.total, wait.longest)
        histogram = wait.lengths.counts
    }
}

private struct IntervalsPart: Encodable {
    var seenNs, durationNs: UInt64

    init(_ coverage: IntervalCoverage) { (seenNs, durationNs) = (coverage.seen, coverage.duration) }
}

private struct OccupantPart: Encodable {
    var pid, tid: UInt32
    var process, thread: Int64
    var comm, processComm, occupantKind: String
    var occupantComm, cgroup: String?
    var occupantPid, occupantTid: UInt32?
    var count, totalNs: UInt64

    init(_ total: OccupantTotal) {
        (pid, tid, process, thread) = (total.pid, total.tid, total.process, total.thread)
        (comm, processComm, occupantKind) = (total.comm, total.processComm, total.kind)
        (occupantComm, cgroup) = (total.occupantComm, total.cgroup)
        (occupantPid, occupantTid) = (total.occupantPID, total.occupantTID)
        (count, totalNs) = (total.count, total.total)
    }
}

private struct BlockPart: Encodable {
    var device, operation: String
    var pid: UInt32?
    var comm, cgroup: String?
    var requests, bytes, merges, flushes, errors, queueNs, deviceNs, maxNs, inFlight: UInt64
    var queueHistogram, deviceHistogram: [UInt32]

    init(_ total: BlockTotal) {
        (device, operation, pid) = (total.device, total.operation, total.pid)
        (comm, cgroup, requests, bytes) = (total.comm, total.cgroup, total.requests, total.bytes)
        (merges, flushes, errors) = (total.merges, total.flushes, total.errors)
        (queueNs, deviceNs, maxNs) = (total.queueTotal, total.deviceTotal, total.longest)
        (inFlight, queueHistogram) = (total.inFlight, total.queueLengths.counts)
        deviceHistogram = total.deviceLengths.counts
    }
}

private struct PressurePart: Encodable {
    var cgroup: String?
    var resource: String
    var someNs, fullNs, durationNs: UInt64

    init(_ total: PressureTotal) {
        (cgroup, resource) = (total.cgroup, total.resource)
        (someNs, fullNs, durationNs) = (total.some, total.full, total.duration)
    }
}

private struct PMUPart: Encodable {
    var pid, tid: UInt32
    var comm, event: String
    var value: UInt64?
    var counter, enabledNs, runningNs, unseenNs: UInt64

    init(_ total: PMUTotal) {
        (pid, tid, comm, event) = (total.pid, total.tid, total.comm, total.event)
        (value, counter) = (total.value, total.counter)
        (enabledNs, runningNs, unseenNs) = (total.enabled, total.running, total.unseen)
    }
}

private struct TaskstatsPart: Encodable {
    var pid, tid: UInt32
    var process, thread: Int64
    var comm, processComm: String
    /// Whether its end was recorded.
    var exits: UInt64
    var cpuCount, cpuNs, runRealNs, runVirtualNs, voluntarySwitches, involuntarySwitches: UInt64
    var readBytes, writtenBytes: UInt64
    var blkioCount, blkioNs, swapinCount, swapinNs, reclaimCount, reclaimNs, thrashingCount: UInt64?
    var thrashingNs, compactionCount, compactionNs, wpcopyCount, wpcopyNs, irqCount, irqNs: UInt64?

    init(_ total: TaskstatsTotal) {
        let (sums, delays) = (total.counters, total.counters.delays)
        (pid, tid, process, thread) = (total.pid, total.tid, total.process, total.thread)
        (comm, processComm, exits) = (total.comm, total.processComm, total.exits)
        (cpuCount, cpuNs, runRealNs) = (sums.cpu.count, sums.cpu.total, sums.runReal)
        (runVirtualNs, voluntarySwitches) = (sums.runVirtual, sums.voluntary)
        (involuntarySwitches, readBytes, writtenBytes) = (sums.involuntary, sums.readBytes, sums.writtenBytes)
        (blkioCount, blkioNs) = (delays?.blockIO.count, delays?.blockIO.total)
        (swapinCount, swapinNs) = (delays?.swapIn.count, delays?.swapIn.total)
        (reclaimCount, reclaimNs) = (delays?.reclaim.count, delays?.reclaim.total)
        (thrashingCount, thrashingNs) = (delays?.thrashing.count, delays?.thrashing.total)
        (compactionCount, compactionNs) = (delays?.compaction?.count, delays?.compaction?.total)
        (wpcopyCount, wpcopyNs) = (delays?.writeProtectCopy?.count, delays?.writeProtectCopy?.total)
        (irqCount, irqNs) = (delays?.interrupts?.count, delays?.interrupts?.total)
    }
}

private struct PageCachePart: Encodable {
    var pid: UInt32?
    var comm, file: String?
    var resourceId: Int64
    var lookups, hits, misses, readAhead: UInt64?
    var readIn, dirtied, written, evicted: UInt64
    var cachedPages, size: UInt64?

    init(_ total: PageCacheTotal) {
        (pid, comm, file, resourceId) = (total.pid, total.comm, total.file, total.resourceID)
        (lookups, hits, misses, readAhead) = (total.lookups, total.hits, total.misses, total.readAhead)
        (readIn, dirtied, written, evicted) = (total.readIn, total.dirtied, total.written, total.evicted)
        (cachedPages, size) = (total.cachedPages, total.size)
    }
}

private struct TargetPart: Encodable {
    var timeNs: UInt64
    var pid: UInt32
    var comm: String?
    var event, reason: String
    var root: Bool

    init(_ row: TargetRow) {
        (timeNs, pid, comm, event, reason) = (row.time, row.pid, row.comm, row.event, row.reason)
        root = row.isRoot
    }
}

private struct LossPart: Encodable {
    var timeNs, count: UInt64
    var what, place, advice: String

    init(_ loss: Loss) {
        (timeNs, count, what, place, advice) = (loss.time, loss.count, loss.what, loss.place, loss.advice)
    }
}
