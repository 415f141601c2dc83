/// Which waits for a block device were for the cgroup's own limit.
///
/// The kernel holds a throttled request back before it becomes one: so the threads wait for longer than their requests were
/// at the device and in its queue.  Half of that is taken for the proof, and that there is a limit.
struct ThrottledIO {
    private struct Place: Hashable {
        var group: String
        var device: UInt32
    }

    private let evidence: Evidence
    private var places: Set<Place> = []

    init(_ evidence: Evidence, _ sum: Ledger.Bin, _ times: [Range<UInt64>]) {
        self.evidence = evidence
        guard !evidence.surroundings.underIOLimit.isEmpty else { return }
        var waited: [Place: UInt64] = [:]
        for (key, time) in sum.causes {
            if let place = place(of: key.terminal) { waited[place, default: 0] += time }
        }
        for (place, time) in waited {
            let pids = Set(
                evidence.threads.filter { group(of: $0) == place.group }.map(\.pid))
            let requests = evidence.surroundings.deviceLoads.reduce(UInt64(0)) { sum, load in
                let isOurs = pids.contains(load.pid) && (place.device == 0 || load.device == place.device)
                return isOurs && times.contains { $0.contains(load.time) }
                    ? sum + load.deviceTime + load.queueTime : sum
            }
            if Double(requests) * Self.seenShare(evidence, times) < Double(time) / 2 { places.insert(place) }
        }
    }

    /// The cgroup whose limit it is; nil if the device itself is the cause, or something else.
    func group(of terminal: Terminal) -> String? {
        guard let place = place(of: terminal), places.contains(place) else { return nil }
        return place.group
    }

    private func place(of terminal: Terminal) -> Place? {
        guard terminal.kind == .blockDevice, case .device(let device, let thread) = terminal.party else {
            return nil
        }
        return group(of: evidence.threads[Int(thread)]).map { Place(group: $0, device: device) }
    }

    private func group(of thread: ThreadFacts) -> String? {
        evidence.surroundings.underIOLimit[thread.pid]
    }

    /// Waits are known within slices, requests at all times.
    private static func seenShare(_ evidence: Evidence, _ times: [Range<UInt64>]) -> Double {
        let whole = times.reduce(UInt64(0)) { $0 + ($1.upperBound - $1.lowerBound) }
        let seen = evidence.slices.reduce(UInt64(0)) { sum, slice in
            times.reduce(sum) { sum, time in
                let (from, to) = (max(slice.from, time.lowerBound), min(slice.to, time.upperBound))
                return from < to ? sum + (to - from) : sum
            }
        }
        return whole == 0 ? 1 : Double(seen) / Double(whole)
    }
}
