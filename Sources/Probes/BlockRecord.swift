import BPF
import Model
import ProbeRecords

/// Requests to a block device as the kernel side has summed them; the cgroup is a number yet.
public struct BlockRecord: Sendable {
    public var sample: BlockSample
    /// The kernel's id of the cgroup; 0 if it does not tell.
    public var cgroup: UInt64

    init(key: stall_block_key, sums: stall_block_sums) {
        self.init(key: key, comm: sums.comm)
        sample.requests = sums.requests
        sample.bytes = sums.bytes
        sample.merges = sums.merges
        sample.flushes = sums.flushes
        sample.errors = sums.errors
        sample.queueTotal = sums.queue_total
        sample.deviceTotal = sums.device_total
        sample.longest = sums.max
        sample.queueLengths = histogram(sums.queue_hist)
        sample.deviceLengths = histogram(sums.device_hist)
    }

    /// One that was under way at `now` (`CLOCK_BOOTTIME`); nil if it has been submitted since.
    init?(_ request: stall_block_request, now: UInt64) {
        guard request.submitted <= now else { return nil }
        self.init(key: request.key, comm: request.comm)
        sample.inFlight = 1
        sample.inFlightTotal = now - request.submitted
    }

    private init(key: stall_block_key, comm: some BitwiseCopyable) {
        cgroup = key.cgroup
        sample = BlockSample(
            device: key.device, operation: RequestOperation(rawValue: key.operation) ?? .other,
            submitter: BlockSubmitter(pid: key.pid, tid: key.tid, comm: text(comm)))
    }
}

extension KernelPlane {
    /// The block requests that are under way, one by one.
    ///
    /// - Parameter now: `CLOCK_BOOTTIME` at the tick's end.  Ask soon after it: what is completed meanwhile is not told.
    public func blockRequestsUnderWay(at now: UInt64, _ receive: (BlockRecord) -> Void) throws(BPFError) {
        guard block != nil, !blockRequests.isEmpty else { return }
        try object.run("drop_free_requests")
        try blockRequests.forEach { _, request in
            if let record = BlockRecord(request, now: now) { receive(record) }
        }
    }

    /// Sums of the block requests that were completed in the tick that ended last.
    public func takeBlockRequests(_ receive: (BlockRecord) -> Void) throws(BPFError) {
        try block?.drain(tick: endedTick) { key, sums in receive(BlockRecord(key: key, sums: sums)) }
    }
}
