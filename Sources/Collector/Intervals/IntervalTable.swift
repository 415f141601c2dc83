import Model
import Probes

/// Spells off the CPU as they come from the kernel side, until the tick that they ended in is over.
struct IntervalTable {
    private var records: [IntervalRecord] = []

    mutating func add(_ record: IntervalRecord) { records.append(record) }

    /// Those that ended until `end`, in the order of their ends.  The others belong to the next tick.
    mutating func take(until end: UInt64) -> [IntervalRecord] {
        let later = records.filter { $0.ran > end }
        defer { records = later }
        return (later.isEmpty ? records : records.filter { $0.ran <= end }).sorted { $0.ran < $1.ran }
    }

    /// All, and the spells of these threads that are not over at `end`.
    mutating func takeAll(open threads: [UInt32: TrackedThread], at end: UInt64) -> [IntervalRecord] {
        var lastLeft: [UInt32: UInt64] = [:]
        for record in records { lastLeft[record.thread] = max(record.left, lastLeft[record.thread] ?? 0) }
        for (id, thread) in threads {
            guard let spell = thread.spell, spell.left < end, lastLeft[id] ?? 0 < spell.left else { continue }
            records.append(IntervalRecord(spell, of: id, until: end))
        }
        return take(until: .max)
    }
}

extension IntervalRecord {
    /// A spell that is not over at `end`.
    init(_ spell: OpenSpell, of thread: UInt32, until end: UInt64) {
        let woken = spell.wait == nil ? spell.left : min(spell.woken ?? end, end)
        let queued = max(woken, min(spell.queued ?? end, end))
        self.init(
            thread: thread, left: spell.left, woken: woken, queued: queued, ran: end, wait: spell.wait,
            waker: spell.wait == nil || woken < end ? Waker(kind: .unknown) : .pending)
        if queued < end { occupant = Occupant(kind: .unknown) }
    }
}
