import Probes

/// What came of threads that ended while a tick was being settled: it belongs to the next one.
struct HeldBack {
    private(set) var samples: [SampleRecord] = []
    private(set) var waits: [(UInt32, WaitRecord)] = []
    private(set) var occupants: [(UInt32, OccupantRecord)] = []
    private var threads: Set<UInt32> = []

    mutating func add(_ sample: SampleRecord) {
        samples.append(sample)
        threads.insert(sample.thread)
    }

    /// What a thread spilled whose last sample is held back.
    mutating func add(_ wait: WaitRecord, of thread: UInt32) { waits.append((thread, wait)) }
    mutating func add(_ occupant: OccupantRecord, of thread: UInt32) { occupants.append((thread, occupant)) }

    func contains(_ thread: UInt32) -> Bool { threads.contains(thread) }
}
