import Model

/// Walks back in time from the end of a wait to what it was for.
///
/// While the thread that ended the wait was on a CPU, the victim's time is that thread's computing; while it was in a run
/// queue, whoever held the CPU's; and when it had been waiting itself, the walk goes on with the thread that ended *that*
/// wait, from that moment back.  The time from a waking to the run queue is that of a CPU that had to wake up first.  Where something that is not a thread ended it (a disk, a timer, a peer), the time of that
/// wait is the cause's, and the walk goes on with the same thread before it.  Each instant between the floor and the end of
/// the wait is charged once, so the charges add up to the wait; and since the walk only ever goes back in time, cycles end.
struct BlamePath {
    private let evidence: Evidence
    private var ends: WaitEnds
    /// Charges of the last walk, from its end back.
    private(set) var charges: [Charge] = []
    /// Hops of the last walk, from the victim on.
    private(set) var hops: [Hop] = []
    /// When the wait of each hop began.
    private var begins: [UInt64] = []
    /// Down to here all is charged.  The walk itself may be later than that: a wait has to be followed from its end, even
    /// if only an earlier part of it is asked for.
    private var limit: UInt64 = 0

    init(_ evidence: Evidence, _ clientWaits: ClientWaits) {
        self.evidence = evidence
        ends = WaitEnds(evidence, clientWaits)
    }

    /// More steps than that without a charge are a cycle of wakings at one instant.
    private static let patience = 32
    /// A waker that has left the CPU for less than this before its waking arrived was still at it.
    private static let arrival: UInt64 = 50_000

    /// Charges the part of a wait between `floor` and `ceiling`.
    mutating func walk(_ spell: Spell, from floor: UInt64, to ceiling: UInt64) {
        charges.removeAll(keepingCapacity: true)
        hops.removeAll(keepingCapacity: true)
        begins.removeAll(keepingCapacity: true)
        let floor = max(floor, spell.left)
        limit = min(ceiling, spell.woken)
        var place = Place(thread: spell.thread, time: spell.woken)
        var stuck = 0
        while limit > floor {
            let before = limit
            if stuck < Self.patience {
                step(&place, downTo: floor)
            } else {
                charge(floor, &place.time, Terminal(kind: .unattributed, party: .unknown))
            }
            stuck = limit < before ? 0 : stuck + 1
        }
    }

    /// Where the walk is: `thread` is who the victim's time before `time` depends on.
    private struct Place {
        var thread: Int32
        var time: UInt64
        /// It holds what is waited for, and may wait itself; else it has just done something, so that it was on a CPU.
        var isHolder = false
    }

    private mutating func step(_ place: inout Place, downTo floor: UInt64) {
        let thread = place.thread
        guard let index = evidence.lastSpell(of: thread, before: place.time) else {
            let known = max(floor, min(evidence.threads[Int(thread)].knownFrom, place.time))
            charge(known, &place.time, Terminal(kind: .onCPU, party: .thread(thread)))
            return charge(floor, &place.time, Terminal(kind: .unattributed, party: .unknown))
        }
        let spell = evidence.spells[index]
        if place.time > spell.ran {
            charge(max(spell.ran, floor), &place.time, Terminal(kind: .onCPU, party: .thread(thread)))
        }
        if limit > floor, place.time > spell.queued, place.time <= spell.ran {
            charge(max(spell.queued, floor), &place.time, evidence.queueing(of: spell))
        }
        if limit > floor, place.time > spell.woken, place.time <= spell.queued {
            charge(
                max(spell.woken, floor), &place.time,
                Terminal(kind: .wakeupLatency, party: .thread(spell.thread)))
        }
        guard limit > floor, spell.woken > spell.left, place.time <= spell.woken else { return }
        if place.time < spell.woken {
            if place.isHolder {
                place.time = spell.woken
            } else {
                let begin = max(spell.left, floor)
                return charge(begin, &place.time, delay(of: place.time - begin, thread))
            }
        }
        place.isHolder = false
        follow(index, &place, downTo: floor)
    }

    /// From the end of a wait to what ended it.
    private mutating func follow(_ index: Int, _ place: inout Place, downTo floor: UInt64) {
        let spell = evidence.spells[index]
        if let last = hops.last, let asked = begins.last, let cause = ends.work(of: spell, for: last) {
            charge(max(asked, floor), &place.time, cause)
            place.thread = last.thread
            return
        }
        let resource = ClientWaits.resource(of: spell, evidence)
        var hop = Hop(thread: spell.thread, subject: spell.subject, resource: resource, wakerThread: -1)
        let end = ends.end(of: index, resource)
        switch end {
        case .cause(let terminal):
            append(hop, spell)
            charge(max(spell.left, floor), &place.time, terminal)
        case .thread(let next), .holder(let next):
            hop.wakerThread = next
            let isCircle = spell.isOpen(evidence) && hops.contains { $0.thread == next }
            append(hop, spell)
            if isCircle {
                return charge(floor, &place.time, Terminal(kind: .deadlock, party: .thread(next)))
            }
            place.thread = next
            place.isHolder = end.isHolder
        }
    }

    private mutating func append(_ hop: Hop, _ spell: Spell) {
        hops.append(hop)
        begins.append(spell.left)
    }

    /// Whoever the walk came to was not there at that time: what it had done took a while to arrive.
    private func delay(of length: UInt64, _ thread: Int32) -> Terminal {
        if length <= Self.arrival { return Terminal(kind: .onCPU, party: .thread(thread)) }
        let resource = hops.last?.resource ?? -1
        guard resource >= 0, evidence.resources[Int(resource)].kind == .inet else {
            return Terminal(kind: .unattributed, party: .unknown)
        }
        return Terminal(kind: .network, party: .endpoint(resource))
    }

    private mutating func charge(_ from: UInt64, _ time: inout UInt64, _ terminal: Terminal) {
        guard from < time else { return }
        if from < limit {
            charges.append(Charge(from: from, to: limit, terminal: terminal, depth: hops.count))
            limit = from
        }
        time = from
    }
}

extension Spell {
    /// Whether it was not over when the recording ended.
    func isOpen(_ evidence: Evidence) -> Bool {
        waker >= 0 && evidence.wakers[Int(waker)].kind == .pending
    }
}

extension Evidence {
    /// Who had the CPU in the run-queue part of a spell.  A thread of the same process, or of those that were asked for,
    /// computes for the same service; any other is in its way.
    func queueing(of spell: Spell) -> Terminal {
        guard spell.occupant >= 0 else { return Terminal(kind: .unattributed, party: .unknown) }
        let occupant = occupants[Int(spell.occupant)]
        switch occupant.kind {
        case .quota: return Terminal(kind: .cpuQuota, party: .occupant(spell.occupant))
        case .latency: return Terminal(kind: .onCPU, party: .thread(spell.thread))
        case .unknown: return Terminal(kind: .unattributed, party: .unknown)
        case .stolen: return Terminal(kind: .cpuSteal, party: .occupant(spell.occupant))
        case .thread:
            let own = threads[Int(spell.thread)]
            let isOwn = occupant.pid == own.pid || rootPIDs.contains(occupant.pid) && own.isRoot
            guard isOwn else { return Terminal(kind: .cpuContention, party: .occupant(spell.occupant)) }
            let thread = occupantThreads[Int(spell.occupant)]
            return Terminal(kind: .onCPU, party: thread >= 0 ? .thread(thread) : .occupant(spell.occupant))
        }
    }
}
