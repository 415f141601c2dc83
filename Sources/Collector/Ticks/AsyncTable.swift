import Model

/// The requests of io_uring and aio of the present tick.
struct AsyncTable {
    private struct Key: Hashable {
        var thread, ring, file: Int64
        var operation: UInt8
        var issue: AsyncIssue
    }

    private var samples: [Key: AsyncSample] = [:]
    /// Threads with requests under way, by the kernel side's ids, at the end of this tick and of the one before: such a
    /// thread may have ended when its requests do.
    private var submitters: (now: [UInt32: Int64], before: [UInt32: Int64]) = ([:], [:])

    /// - Parameter version: of the thread; nil if it is not known any more.
    mutating func add(_ sample: AsyncSample, of thread: UInt32, version: Int64?) {
        let version = version ?? submitters.now[thread] ?? submitters.before[thread] ?? 0
        if sample.inFlight > 0 { submitters.now[thread] = version }
        let key = Key(
            thread: version, ring: sample.ring, file: sample.file, operation: sample.operation,
            issue: sample.issue)
        guard let index = samples.index(forKey: key) else {
            samples[key] = sample
            return
        }
        samples.values[index] += sample
    }

    mutating func take() -> [(thread: Int64, sample: AsyncSample)] {
        defer {
            samples.removeAll(keepingCapacity: true)
            submitters = ([:], submitters.now)
        }
        return samples.sorted {
            ($0.key.thread, $0.key.ring, $0.key.file, $0.key.operation, $0.key.issue.rawValue)
                < ($1.key.thread, $1.key.ring, $1.key.file, $1.key.operation, $1.key.issue.rawValue)
        }.map { ($0.key.thread, $0.value) }
    }
}
