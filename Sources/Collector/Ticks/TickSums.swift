import Model
import Probes

/// What the kernel side sums up beside threads' own time: of the tick that has ended, by thread version where it is a
/// thread's.
struct TickSums {
    private var pmu: [(thread: Int64, sample: PMUSample)] = []
    private var block = BlockTable()
    private var calls = SyscallTable()
    private var async = AsyncTable()
    private var pageCache: [PageCacheSample] = []
    private var stackWaits: [(thread: Int64, sample: StackWaitSample)] = []

    mutating func add(_ samples: [PMUSample], of version: Int64) { pmu += samples.map { (version, $0) } }

    /// Requests to block devices.
    mutating func add(_ record: BlockRecord) { block.handle(record) }

    /// System calls.
    mutating func add(_ sample: SyscallSample, of version: Int64) { calls.add(sample, of: version) }
    mutating func add(_ sample: TrafficSample, of version: Int64) { calls.add(sample, of: version) }

    /// Requests of io_uring and aio.
    mutating func add(_ sample: AsyncSample, of thread: UInt32, version: Int64?) {
        async.add(sample, of: thread, version: version)
    }

    mutating func add(_ sample: PageCacheSample) { pageCache.append(sample) }

    mutating func add(_ sample: StackWaitSample, of version: Int64) { stackWaits.append((version, sample)) }

    /// Into the batch of the tick.
    mutating func take(into batch: inout TickBatch) {
        batch.pmu = pmu
        batch.block = block.take()
        (batch.syscalls, batch.traffic) = calls.take()
        batch.async = async.take()
        batch.pageCache = pageCache.sorted { ($0.file, $0.pid) < ($1.file, $1.pid) }
        batch.stackWaits = stackWaits
        pmu.removeAll(keepingCapacity: true)
        pageCache = []
        stackWaits.removeAll(keepingCapacity: true)
    }
}
