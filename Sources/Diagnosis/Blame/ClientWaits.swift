import Model

/// Which waits are for work to arrive from a client: while they last nobody misses the thread.
///
/// Such a wait is for a connection that came in (reading from it, or the set that it is a member of), or for one to be
/// accepted.  Where the member of a set is not known, what ended the wait tells: a time-out, or the process of a client.
struct ClientWaits: Sendable {
    private let evidence: Evidence
    /// Of each thread, whether it takes work from connections itself.
    let serves: [Bool]
    /// Processes whose threads ended client waits, by pid.
    private let clients: Set<UInt32>

    init(_ evidence: Evidence) {
        self.evidence = evidence
        var serves = Array(repeating: false, count: evidence.threads.count)
        var clients: Set<UInt32> = []
        for spell in evidence.spells where Self.isExplicit(spell, evidence) {
            serves[Int(spell.thread)] = true
            let waker = spell.waker < 0 ? nil : evidence.wakers[Int(spell.waker)]
            if let waker, waker.kind == .thread { clients.insert(waker.pid) }
        }
        self.serves = serves
        self.clients = clients
    }

    func contains(_ spell: Spell) -> Bool {
        if Self.isExplicit(spell, evidence) { return true }
        guard serves[Int(spell.thread)], spell.subject >= 0, spell.member < 0 else { return false }
        let subject = evidence.subjects[Int(spell.subject)]
        guard subject.kind == .epoll || subject.kind == .poll else { return false }
        if spell.timedOut || spell.waker < 0 { return true }
        let waker = evidence.wakers[Int(spell.waker)]
        return switch waker.kind {
        case .thread: clients.contains(waker.pid)
        case .network, .timer, .pending, .itself, .unknown: true
        case .interrupt, .block: false
        }
    }

    /// What a wait is for: of a set, the member whose event ended it.
    static func resource(of spell: Spell, _ evidence: Evidence) -> Int32 {
        if spell.member >= 0 { return spell.member }
        return spell.subject < 0 ? -1 : evidence.subjectResources[Int(spell.subject)]
    }

    private static func isExplicit(_ spell: Spell, _ evidence: Evidence) -> Bool {
        guard spell.subject >= 0 else { return false }
        let subject = evidence.subjects[Int(spell.subject)]
        if subject.kind == .accept { return true }
        guard subject.direction != .write else { return false }
        switch subject.kind {
        case .inet, .unix, .epoll, .poll, .ioUring: break
        default: return false
        }
        let resource = resource(of: spell, evidence)
        guard resource >= 0 else { return false }
        let direction = evidence.resources[Int(resource)].direction
        return direction == .inbound || direction == .listening
    }
}
