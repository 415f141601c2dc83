import Model

/// Who held the CPU while threads were in the run queue in the present tick.
struct OccupantTable {
    private struct Key: Hashable {
        var thread: Int64
        /// The process whose thread it is; 0 when the occupant is complete.
        var owner: UInt32
        var occupant: Occupant
    }

    private var names: OccupantNames
    private var occupants: [Key: OccupantSample] = [:]

    init(source: any ProcessFactsSource) { names = OccupantNames(source: source) }

    /// - Parameters:
    ///   - version: of the thread that was in the run queue, `pid`: its process.
    ///   - tasks: say of a target which cgroup it is in, now: it may have ended when the tick does.
    mutating func add(_ sample: OccupantSample, to version: Int64, pid: UInt32, _ tasks: TaskTable) {
        let occupant = Self.withCgroup(sample.occupant, owner: pid, tasks)
        let key = Key(thread: version, owner: pid, occupant: occupant)
        occupants[key, default: OccupantSample(occupant: occupant, count: 0, total: 0)].count += sample.count
        occupants[key]?.total += sample.total
    }

    /// The tick's rows.  What must be read from files is read only now: events do not wait for that.  Run-queue time of
    /// these samples whose occupants were lost keeps its place.
    mutating func take(
        tick: Int64, queuedIn samples: [Int64: ThreadSample]
    ) -> [(thread: Int64, occupant: OccupantSample)] {
        let raw = occupants
        occupants.removeAll(keepingCapacity: true)
        for (key, sample) in raw {
            let occupant = names.complete(key.occupant, owner: key.owner, tick: tick)
            add(occupant, of: key.thread, count: sample.count, total: sample.total)
        }
        addUnattributed(samples)
        defer { occupants.removeAll(keepingCapacity: true) }
        return occupants.map { ($0.key.thread, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// An occupant of a single spell, with its cgroup.
    mutating func complete(_ occupant: Occupant, owner: UInt32, tick: Int64, _ tasks: TaskTable) -> Occupant {
        names.complete(Self.withCgroup(occupant, owner: owner, tasks), owner: owner, tick: tick)
    }

    private mutating func addUnattributed(_ samples: [Int64: ThreadSample]) {
        var named: [Int64: UInt64] = [:]
        for (key, sample) in occupants { named[key.thread, default: 0] += sample.total }
        for (thread, sample) in samples {
            let known = named[thread] ?? 0
            guard sample.runQueue > known else { continue }
            add(Occupant(kind: .unknown), of: thread, count: 0, total: sample.runQueue - known)
        }
    }

    private mutating func add(_ occupant: Occupant, of thread: Int64, count: UInt64, total: UInt64) {
        let key = Key(thread: thread, owner: 0, occupant: occupant)
        occupants[key, default: OccupantSample(occupant: occupant, count: 0, total: 0)].count += count
        occupants[key]?.total += total
    }

    private static func withCgroup(_ occupant: Occupant, owner: UInt32, _ tasks: TaskTable) -> Occupant {
        var occupant = occupant
        switch occupant.kind {
        case .thread: occupant.cgroup = tasks.cgroup(of: occupant.pid) ?? ""
        case .quota: occupant.cgroup = tasks.cgroup(of: owner) ?? ""
        case .unknown, .latency, .stolen: break
        }
        return occupant
    }
}
