import Model
import Recording
import Render

/// Waits as the page shows them: those that differ only in which connection it was are one, and the many small ones of a
/// thread are one for each kind, so that nothing is left out of a thread's time.
struct PageWaits {
    struct Group {
        var wait: WaitTotal
        var subject: String
        var waker: String
        /// Waits for work, which a kernel thread does when nobody needs it.
        var isIdleKernelThread = false
        var values: [BinValue]
        var lengths: [(stretch: UInt32, lengths: Histogram)]
    }

    /// The longest total first, then what is left.
    private(set) var groups: [Group] = []

    /// - Parameter limit: so many are told apart.
    init(_ waits: [TimelineWait], _ resources: [Int64: ResourceRow], limit: Int = 3_000) {
        var sums: [WaitGroup.Key: (group: WaitGroup, parts: [Int])] = [:]
        for (index, wait) in waits.enumerated() {
            let (key, empty) = WaitGroup.emptyGroup(of: wait.wait, resources)
            sums[key, default: (empty, [])].group.add(wait.wait)
            sums[key]?.parts.append(index)
        }
        let sorted = sums.values.sorted {
            $0.group.wait.total != $1.group.wait.total
                ? $0.group.wait.total > $1.group.wait.total
                : ($0.group.wait.thread, $0.parts[0]) < ($1.group.wait.thread, $1.parts[0])
        }
        groups = sorted.prefix(limit).map { sum in
            Group(
                wait: sum.group.wait, subject: sum.group.subject, waker: WaitGroup.waker(sum.group.wait),
                isIdleKernelThread: sum.group.isIdleKernelThread,
                values: Self.values(of: sum.parts, waits), lengths: Self.lengths(of: sum.parts, waits))
        }
        addRest(sorted.dropFirst(limit).map { ($0.group.wait, $0.parts) }, waits)
    }

    private struct Rest: Hashable {
        var thread: Int64
        var kind: String
        var hasDevice: Bool
    }

    private mutating func addRest(_ rest: [(wait: WaitTotal, parts: [Int])], _ waits: [TimelineWait]) {
        var sums: [Rest: (wait: WaitTotal, parts: [Int], count: Int)] = [:]
        for (wait, parts) in rest {
            let key = Rest(thread: wait.thread, kind: wait.kind, hasDevice: wait.device != nil)
            sums[key, default: (wait, [], 0)].parts += parts
            sums[key]?.count += 1
        }
        for sum in sums.values.sorted(by: { ($0.wait.thread, $0.wait.kind) < ($1.wait.thread, $1.wait.kind) })
        {
            var wait = sum.wait
            (wait.wakerPID, wait.wakerTID, wait.wakerComm, wait.wakerKind) = (nil, nil, nil, "various")
            groups.append(
                Group(
                    wait: wait, subject: "\(wait.kind), \(sum.count) short ones", waker: "various",
                    values: Self.values(of: sum.parts, waits), lengths: Self.lengths(of: sum.parts, waits)))
        }
    }

    private static func values(of parts: [Int], _ waits: [TimelineWait]) -> [BinValue] {
        parts.count == 1 ? waits[parts[0]].values : parts.flatMap { waits[$0].values }.merged
    }

    private static func lengths(
        of parts: [Int], _ waits: [TimelineWait]
    ) -> [(stretch: UInt32, lengths: Histogram)] {
        if parts.count == 1 { return waits[parts[0]].lengths }
        var sums: [UInt32: Histogram] = [:]
        for part in parts {
            for (stretch, lengths) in waits[part].lengths { sums[stretch, default: Histogram()] += lengths }
        }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
