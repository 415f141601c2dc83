import Model

extension Evidence {
    /// The kind of resource through which a victim meets what holds it up, by its first hop: `futex`, `pipe`, `inet`, ...
    /// `self` if nothing lies between.
    func via(_ hops: ArraySlice<Hop>) -> String {
        guard let hop = hops.first, hop.subject >= 0 else { return "self" }
        let kind = hop.resource < 0 ? ResourceKind.none : resources[Int(hop.resource)].kind
        switch kind {
        case .futex, .sharedFutex: return "futex"
        case .deviceFile, .path: return "file"
        case .none, .memory: return Self.via(subjects[Int(hop.subject)])
        default: return kind.name
        }
    }

    /// Where no resource is known, what kind of wait it was.
    private static func via(_ subject: WaitSubject) -> String {
        switch subject.kind {
        case .accept, .connect: "inet"
        case .fileRead, .fileWrite, .fsync, .file, .pageFault: subject.device == 0 ? "file" : "block"
        case .reclaim, .groupReclaim, .compaction, .swapIn, .thrashing: "memory"
        case .sleep: "timer"
        case .other: subject.device == 0 ? "other" : "block"
        default: subject.kind.name
        }
    }
}
