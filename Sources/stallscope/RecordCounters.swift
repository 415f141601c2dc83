import ArgumentParser
import Logging
import Model
import Probes

/// The performance counters that `record --pmu` asks for.
extension Record {
    func pmuEvents() throws -> [PMUEvent] {
        if pmu?.isEmpty == true {
            throw ValidationError("--pmu: name the events, as in --pmu cycles,instructions.")
        }
        var events: [PMUEvent] = []
        for name in (pmu ?? "").split(separator: ",") {
            guard let event = PMUEvent(name: String(name)) else {
                throw ValidationError(
                    "--pmu: there is no event '\(name)'. Known are \(PMUEvent.named.map(\.name).joined(separator: ", ")), "
                        + "and raw events as r<hex>.")
            }
            if !events.contains(event) { events.append(event) }
        }
        guard events.count <= PMUEvent.limit else {
            throw ValidationError("--pmu: at most \(PMUEvent.limit) events can be counted at a time.")
        }
        return events
    }

    /// What was asked for and cannot be counted is told; if that is everything, there is no point in going on.
    func checkCounters(_ plane: KernelPlane, wanted: [PMUEvent], _ logger: Logger) throws {
        let missing = wanted.filter { !plane.pmuEvents.contains($0) }.map(\.name)
        guard !missing.isEmpty else { return }
        let sentence =
            "this machine cannot count \(missing.joined(separator: ", ")): most virtual machines have no PMU; "
            + "software events as page-faults and task-clock can be counted anywhere"
        guard !plane.pmuEvents.isEmpty else { throw ValidationError("--pmu: \(sentence).") }
        logger.warning("\(sentence)")
    }
}
