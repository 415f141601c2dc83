import Model

/// Threads that serve requests which others read from connections.
///
/// Such a one is handed its work by the threads that read (they end most of its waits), and answers: it wakes
/// a client, or one of them.  A thread that only gets things to do in the background, like writing a log, answers nobody.
/// Where clients are on other hosts, an answer to them wakes nobody here, so being handed work must do.
struct PoolWorkers {
    private struct Counts {
        var waits = 0
        var handed = 0
        var answered = 0
    }

    private let evidence: Evidence
    private var counts: [Counts]
    private let areClientsRemote: Bool

    /// Of its waits, those that reading threads end; of the work that it is handed, what it answers.
    private static let leastHanded = 0.3
    private static let leastAnswered = 0.3

    init(_ evidence: Evidence, _ clientWaits: ClientWaits, direct: Set<Int32>) {
        self.evidence = evidence
        counts = Array(repeating: Counts(), count: evidence.threads.count)
        var (local, remote) = (0, 0)
        for spell in evidence.spells where spell.subject >= 0 && !spell.isOpen(evidence) {
            counts[Int(spell.thread)].waits += 1
            let isDirect = direct.contains(spell.thread)
            if isDirect, clientWaits.contains(spell) {
                if spell.wakerThread >= 0 { local += 1 } else { remote += 1 }
            }
            guard spell.wakerThread >= 0, !direct.contains(spell.wakerThread) else {
                if spell.wakerThread >= 0 { counts[Int(spell.thread)].handed += 1 }
                continue
            }
            if isDirect || !evidence.threads[Int(spell.thread)].isRoot {
                counts[Int(spell.wakerThread)].answered += 1
            }
        }
        areClientsRemote = remote > local
        for thread in direct { counts[Int(thread)] = Counts() }
    }

    var threads: [Int32] {
        counts.indices.filter { index in
            let its = counts[index]
            guard evidence.threads[index].isRoot, its.handed > 0,
                Double(its.handed) >= Double(its.waits) * Self.leastHanded
            else { return false }
            return areClientsRemote || Double(its.answered) >= Double(its.handed) * Self.leastAnswered
        }.map(Int32.init)
    }
}
