import Model

/// The waits of the present tick, summed by thread, subject and what ended them.
struct WaitTable {
    private struct Key: Hashable {
        var thread: Int64
        var subject: WaitSubject
        var waker: Waker
        var member: Int64
        var timedOut: Bool
    }

    private var waits: [Key: WaitSample] = [:]

    /// - Parameter version: of the thread that waited.
    mutating func add(_ wait: WaitSample, to version: Int64) {
        let key = Key(
            thread: version, subject: wait.subject, waker: wait.waker, member: wait.member,
            timedOut: wait.timedOut)
        guard let index = waits.index(forKey: key) else {
            waits[key] = wait
            return
        }
        waits.values[index].count += wait.count
        waits.values[index].total += wait.total
        waits.values[index].longest = max(waits.values[index].longest, wait.longest)
        waits.values[index].lengths += wait.lengths
    }

    /// The tick's rows.  Blocked time of these samples whose waits were lost keeps its place, without a name.
    mutating func take(blockedIn samples: [Int64: ThreadSample]) -> [(thread: Int64, wait: WaitSample)] {
        var named: [Int64: UInt64] = [:]
        for (key, wait) in waits { named[key.thread, default: 0] += wait.total }
        let rows = waits.map { ($0.key.thread, $0.value) }.sorted { $0.0 < $1.0 }
        waits.removeAll(keepingCapacity: true)
        return rows
            + samples.compactMap { thread, sample in
                let known = named[thread] ?? 0
                guard sample.blocked > known else { return nil }
                let rest = WaitSample(
                    subject: WaitSubject(kind: .other), waker: Waker(kind: .unknown), count: 0,
                    total: sample.blocked - known)
                return (thread, rest)
            }
    }
}
