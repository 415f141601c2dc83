import Model

/// How a thread gets its work, and so which of its waits nobody misses it in.
public enum Service: String, Sendable {
    /// It reads requests from connections itself.
    case connections
    /// Another thread that does hands them on to it.
    case pool
    /// It takes none: what it does it does by itself, at times of its own.
    case itself
}

/// Accounts for the time of one thread over all slices: idle, or held up by a cause.
struct ThreadAccount {
    private let evidence: Evidence
    private let clientWaits: ClientWaits
    private var path: BlamePath
    private var ledger: Ledger
    /// Time of the slices in which the thread lived, ns.
    private(set) var seen: UInt64 = 0
    private(set) var idle: UInt64 = 0
    private(set) var onCPU: UInt64 = 0
    private(set) var units = 0

    init(_ evidence: Evidence, _ clientWaits: ClientWaits, start: UInt64, width: UInt64) {
        self.evidence = evidence
        self.clientWaits = clientWaits
        path = BlamePath(evidence, clientWaits)
        ledger = Ledger(start: start, width: width)
    }

    /// - Returns: what the time went to; it adds up to ``seen``.
    mutating func account(for thread: Int32, _ service: Service) -> Ledger {
        let facts = evidence.threads[Int(thread)]
        for slice in evidence.slices {
            let from = max(slice.from, facts.knownFrom)
            let to = min(slice.to, facts.knownTo)
            guard from < to else { continue }
            seen += to - from
            var time = from
            var index = evidence.firstSpell(of: thread, endingAfter: from)
            while index < evidence.ranges[Int(thread)].upperBound, evidence.spells[index].left < to {
                let spell = evidence.spells[index]
                addOnCPU(time, min(max(spell.left, from), to), thread)
                addWait(spell, from, to, service)
                addQueueing(spell, from, to)
                time = min(max(spell.ran, time), to)
                index += 1
            }
            addOnCPU(time, to, thread)
        }
        ledger.weigh()
        return ledger
    }

    private mutating func addOnCPU(_ from: UInt64, _ to: UInt64, _ thread: Int32) {
        guard from < to else { return }
        onCPU += to - from
        charge(from, to, CauseKey(terminal: Terminal(kind: .onCPU, party: .thread(thread)), via: "self"), [])
    }

    /// Of the time that a thread was on a CPU the hypervisor may have had a part, which the thread's tick tells as a sum.
    private mutating func charge(_ from: UInt64, _ to: UInt64, _ key: CauseKey, _ hops: ArraySlice<Hop>) {
        var to = to
        if key.terminal.kind == .onCPU, case .thread(let thread) = key.terminal.party {
            let stolen = evidence.stolenTime(of: thread, from, to)
            if stolen > 0 {
                let steal = CauseKey(terminal: Terminal(kind: .cpuSteal, party: .hypervisor), via: key.via)
                ledger.add(to - stolen, to, steal, hops)
                to -= stolen
            }
        }
        if from < to { ledger.add(from, to, key, hops) }
    }

    private mutating func addQueueing(_ spell: Spell, _ from: UInt64, _ to: UInt64) {
        let woken = Terminal(kind: .wakeupLatency, party: .thread(spell.thread))
        for (begin, end, terminal) in [
            (spell.woken, spell.queued, woken), (spell.queued, spell.ran, evidence.queueing(of: spell)),
        ] {
            let (begin, end) = (max(begin, from), min(end, to))
            guard begin < end else { continue }
            ledger.add(begin, end, CauseKey(terminal: terminal, via: "self"), [])
        }
    }

    private mutating func addWait(_ spell: Spell, _ from: UInt64, _ to: UInt64, _ service: Service) {
        let (begin, end) = (max(spell.left, from), min(spell.woken, to))
        guard spell.subject >= 0, begin < end else { return }
        if isIdle(spell, service) {
            addIdle(begin, end)
            if spell.woken <= to { addUnit(at: spell.woken) }
            return
        }
        path.walk(spell, from: begin, to: end)
        var idleHere: UInt64 = 0
        for charge in path.charges {
            if service == .pool, charge.terminal.kind == .client {
                idleHere += charge.to - charge.from
                addIdle(charge.from, charge.to)
                continue
            }
            let hops = path.hops.prefix(charge.depth)
            self.charge(
                charge.from, charge.to, CauseKey(terminal: charge.terminal, via: evidence.via(hops)), hops)
        }
        if idleHere > 0, spell.woken <= to { addUnit(at: spell.woken) }
    }

    private func isIdle(_ spell: Spell, _ service: Service) -> Bool {
        if clientWaits.contains(spell) { return true }
        let subject = evidence.subjects[Int(spell.subject)]
        // Nobody has missed it yet, as far as one can see.
        let isUnknown =
            spell.isOpen(evidence) && evidence.heldLocks[spell.thread] == nil && subject.device == 0
        if service == .connections { return false }
        // It pauses, or looks now and then whether there is anything to do.
        if subject.kind == .sleep || isUnknown { return true }
        return spell.timedOut && (service == .pool || subject.kind == .epoll || subject.kind == .poll)
    }

    private mutating func addIdle(_ from: UInt64, _ to: UInt64) {
        idle += to - from
        ledger.addIdle(from, to)
    }

    private mutating func addUnit(at time: UInt64) {
        units += 1
        ledger.addUnit(at: time)
    }
}
