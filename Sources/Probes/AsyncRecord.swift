import BPF
import Model
import ProbeRecords

extension AsyncSample {
    init(key: stall_async_key, sums: stall_async_sums) {
        self.init(key: key)
        requests = sums.requests
        errors = sums.errors
        completions = sums.completions
        untold = sums.untold
        total = sums.total
        longest = sums.max
        unreaped = sums.unreaped
        lengths = histogram(sums.hist)
    }

    /// One that was under way at `now` (`CLOCK_BOOTTIME`); nil if it has been submitted since.
    init?(_ request: stall_async_request, now: UInt64) {
        guard request.submitted <= now else { return nil }
        self.init(key: request.key)
        inFlight = 1
        inFlightTotal = now - request.submitted
    }

    private init(key: stall_async_key) {
        let issue = AsyncIssue(rawValue: key.issue) ?? .inline
        self.init(
            ring: Int64(key.ring), file: Int64(key.file), operation: key.operation, issue: issue)
    }
}

extension KernelPlane {
    /// The requests of io_uring and aio that are under way, one by one, by the kernel side's id of their thread.
    ///
    /// What was not completed when its process ended is forgotten: nobody will be told of its end.
    ///
    /// - Parameters:
    ///   - now: `CLOCK_BOOTTIME` at the tick's end.  Ask soon after it: what is completed meanwhile is not told.
    ///   - isLive: whether a process, by its host id, is still watched.
    public func asyncRequestsUnderWay(
        at now: UInt64, isLive: (UInt32) -> Bool, _ receive: (UInt32, AsyncSample) -> Void
    ) throws(BPFError) {
        if watchesRings { try walk(ringRequests, at: now, isLive, receive) }
        if tellsAIO { try walk(aioRequests, at: now, isLive, receive) }
    }

    private func walk<Key: BitwiseCopyable>(
        _ requests: Map<Key, stall_async_request>, at now: UInt64, _ isLive: (UInt32) -> Bool,
        _ receive: (UInt32, AsyncSample) -> Void
    ) throws(BPFError) {
        var abandoned: [Key] = []
        try requests.forEach { key, request in
            guard let sample = AsyncSample(request, now: now) else { return }
            if isLive(request.pid) {
                receive(request.key.thread, sample)
            } else {
                abandoned.append(key)
            }
        }
        for key in abandoned { requests.remove(key) }
    }

    /// Sums of the requests of io_uring and aio that were completed in the tick that ended last, by the kernel side's id
    /// of their thread; 0 if their submission was not seen.
    public func takeAsyncRequests(_ receive: (UInt32, AsyncSample) -> Void) throws(BPFError) {
        try async?.drain(tick: endedTick) { key, sums in
            receive(key.thread, AsyncSample(key: key, sums: sums))
        }
    }
}
