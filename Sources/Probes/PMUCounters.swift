import BPF
import Model
import ProbeRecords

/// The performance counters of every CPU, open while this lives.
final class PMUCounters {
    let events: [PMUEvent]
    /// The numbers of the CPUs that have counters.
    let cpus: [Int]
    private let counters: [[CPUCounter]]

    /// Opens those events that this machine has.
    ///
    /// - Returns: nil if it has none of them.
    init?(_ wanted: [PMUEvent], cpus: [Int]) throws(BPFError) {
        var events: [PMUEvent] = []
        var counters: [[CPUCounter]] = []
        for event in wanted.prefix(PMUEvent.limit) {
            guard let opened = try Self.open(event, cpus: cpus) else { continue }
            events.append(event)
            counters.append(opened)
        }
        guard !events.isEmpty else { return nil }
        self.events = events
        self.cpus = cpus
        self.counters = counters
    }

    /// nil where the machine cannot count this.
    private static func open(_ event: PMUEvent, cpus: [Int]) throws(BPFError) -> [CPUCounter]? {
        var opened: [CPUCounter] = []
        for cpu in cpus {
            do {
                opened.append(try CPUCounter(type: event.type, config: event.config, cpu: cpu))
            } catch  where error.code == .unsupported {
                return nil
            }
        }
        return opened
    }

    /// One more than the largest number of a CPU: each event has that many places in the map.
    var cpuPlaces: UInt32 { UInt32(cpus.max() ?? 0) + 1 }

    func place(in object: Object) throws(BPFError) {
        for (event, counters) in counters.enumerated() {
            for (cpu, counter) in zip(cpus, counters) {
                try object.place(
                    counter, at: UInt32(event) * cpuPlaces + UInt32(cpu), ofMap: "pmu_counters")
            }
        }
    }
}

extension KernelPlane {
    /// The events that are counted: those that were asked for and that this machine has.
    public var pmuEvents: [PMUEvent] { pmu?.events ?? [] }

    /// Counts up to now what runs at present.  To be called where a tick ends, before its number changes.
    func countPresentTurns() throws(BPFError) {
        for cpu in pmu?.cpus ?? [] { try object.run("count_present_turn", onCPU: cpu) }
    }

    /// What each thread's events counted in the tick that ended last, by the thread's number.
    public func takePMUCounts(_ receive: (UInt32, [PMUSample]) -> Void) throws(BPFError) {
        guard let pmu else { return }
        try pmuTotals?.drain(tick: endedTick) { thread, sums in
            let counts = withUnsafeBytes(of: sums.counts) { Array($0.bindMemory(to: stall_pmu_count.self)) }
            receive(
                thread,
                zip(pmu.events, counts).map { event, count in
                    PMUSample(
                        event: event, counter: count.counter, enabled: count.enabled, running: count.running,
                        unseen: sums.unseen)
                })
        }
    }

    /// Whether this machine can count an event.
    public static func canCount(_ event: PMUEvent) throws(BPFError) -> Bool {
        try PMUCounters([event], cpus: [0]) != nil
    }
}
