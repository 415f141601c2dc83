import Model

/// Puts an ``Evidence`` together, and gives everything that has a name its number.
public struct EvidenceBuilder {
    private var evidence = Evidence()
    private var threadIndex: [Int64: Int32] = [:]
    private var resourceIndex: [Int64: Int32] = [:]
    private var subjectIndex: [WaitSubject: Int32] = [:]
    private var wakerIndex: [Waker: Int32] = [:]
    private var occupantIndex: [Occupant: Int32] = [:]
    private var heldLocks: [HeldLock] = []

    /// - Parameter slices: in order, without overlap; neighbours that touch are joined.
    public init(threads: [ThreadFacts], resources: [Resource], slices: [IntervalSlice]) {
        evidence.threads = threads
        evidence.resources = resources
        evidence.rootPIDs = Set(threads.filter(\.isRoot).map(\.pid))
        for (index, thread) in threads.enumerated() { threadIndex[thread.id] = Int32(index) }
        for (index, resource) in resources.enumerated() { resourceIndex[resource.id] = Int32(index) }
        for slice in slices where slice.from < slice.to {
            if let last = evidence.slices.last, last.to >= slice.from {
                evidence.slices[evidence.slices.count - 1].to = max(last.to, slice.to)
            } else {
                evidence.slices.append(slice)
            }
        }
    }

    public mutating func reserve(_ count: Int) { evidence.spells.reserveCapacity(count) }

    /// Index of a recording's thread; -1 if there is none.
    public func index(ofThread id: Int64) -> Int32 { threadIndex[id] ?? -1 }
    public func index(ofResource id: Int64) -> Int32 { resourceIndex[id] ?? -1 }

    public mutating func index(of subject: WaitSubject) -> Int32 {
        if let known = subjectIndex[subject] { return known }
        let index = Int32(evidence.subjects.count)
        evidence.subjects.append(subject)
        evidence.subjectResources.append(resourceIndex[subject.resource] ?? -1)
        subjectIndex[subject] = index
        return index
    }

    public mutating func index(of waker: Waker) -> Int32 {
        Self.index(of: waker, in: &evidence.wakers, &wakerIndex)
    }

    public mutating func index(of occupant: Occupant) -> Int32 {
        Self.index(of: occupant, in: &evidence.occupants, &occupantIndex)
    }

    /// Spells may come in any order.
    public mutating func add(_ spell: Spell) { evidence.spells.append(spell) }

    /// A spell of a thread that is not among those given is left out.
    public mutating func add(_ interval: Interval) {
        let thread = index(ofThread: interval.thread)
        guard thread >= 0 else { return }
        add(
            Spell(
                left: interval.left, woken: interval.woken, queued: interval.queued, ran: interval.ran,
                thread: thread,
                subject: interval.wait.map { index(of: $0) } ?? -1, waker: index(of: interval.waker),
                wakerThread: index(ofThread: interval.wakerThread),
                member: index(ofResource: interval.member),
                occupant: interval.occupant.map { index(of: $0) } ?? -1, timedOut: interval.timedOut))
    }

    /// - Parameter id: of the recording's thread; shares come in the order of their ticks.
    public mutating func add(_ share: StolenShare, ofThread id: Int64) {
        let thread = index(ofThread: id)
        if thread >= 0 { evidence.stolen[thread, default: []].append(share) }
    }

    public mutating func add(_ lock: HeldLock) { heldLocks.append(lock) }

    public consuming func finish() -> Evidence {
        var evidence = evidence
        evidence.spells.sort { $0.thread != $1.thread ? $0.thread < $1.thread : $0.left < $1.left }
        evidence.ranges = Array(repeating: 0..<0, count: evidence.threads.count)
        var begin = 0
        while begin < evidence.spells.count {
            let thread = evidence.spells[begin].thread
            var end = begin
            while end < evidence.spells.count, evidence.spells[end].thread == thread { end += 1 }
            evidence.ranges[Int(thread)] = begin..<end
            begin = end
        }
        var byTID: [UInt32: Int32] = [:]
        for (index, thread) in evidence.threads.enumerated() { byTID[thread.tid] = Int32(index) }
        evidence.occupantThreads = evidence.occupants.map { occupant in
            guard occupant.kind == .thread, let thread = byTID[occupant.tid],
                evidence.threads[Int(thread)].pid == occupant.pid
            else { return -1 }
            return thread
        }
        for lock in heldLocks {
            let (waiter, holder) = (threadIndex[lock.waiter], threadIndex[lock.holder])
            if let waiter, let holder { evidence.heldLocks[waiter] = holder }
        }
        return evidence
    }

    private static func index<Value: Hashable>(
        of value: Value, in values: inout [Value], _ known: inout [Value: Int32]
    ) -> Int32 {
        if let index = known[value] { return index }
        let index = Int32(values.count)
        values.append(value)
        known[value] = index
        return index
    }
}
