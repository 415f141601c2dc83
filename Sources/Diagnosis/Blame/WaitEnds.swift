import Model

/// What ended a wait, and so had to happen before it could.
struct WaitEnds {
    enum End {
        /// It woke the thread that waited.
        case thread(Int32)
        /// It holds what the thread waits for.
        case holder(Int32)
        case cause(Terminal)

        var isHolder: Bool { if case .holder = self { true } else { false } }
    }

    private let evidence: Evidence
    private let clientWaits: ClientWaits
    /// Of each thread.
    private let isAtMemoryLimit: [Bool]
    /// The last series of waits that was looked at, as indices of spells, and who ended it.
    private var series: (spells: Range<Int>, ender: Int32) = (0..<0, -1)

    init(_ evidence: Evidence, _ clientWaits: ClientWaits) {
        self.evidence = evidence
        self.clientWaits = clientWaits
        isAtMemoryLimit = evidence.threads.map { evidence.surroundings.atMemoryLimit[$0.pid] != nil }
    }

    /// - Parameters:
    ///   - index: of ``Evidence/spells``; not of one that was preempted.
    ///   - resource: what it waited for.
    mutating func end(of index: Int, _ resource: Int32) -> End {
        let spell = evidence.spells[index]
        let (thread, subject) = (spell.thread, evidence.subjects[Int(spell.subject)])
        switch subject.kind {
        case .reclaim, .groupReclaim, .compaction, .swapIn, .thrashing:
            return .cause(Terminal(kind: .memory, party: .cgroup(thread)))
        case .sleep: return .cause(Terminal(kind: .sleep, party: .thread(thread)))
        default: break
        }
        if clientWaits.contains(spell) { return .cause(Terminal(kind: .client, party: .thread(thread))) }
        let waker = spell.waker < 0 ? Waker(kind: .unknown) : evidence.wakers[Int(spell.waker)]
        switch waker.kind {
        case .thread where spell.wakerThread >= 0 && spell.wakerThread != thread:
            return .thread(spell.wakerThread)
        case .thread: return .cause(stranger(spell, subject, resource))
        case .block: return .cause(device(subject, thread))
        case .network: return .cause(remote(subject, resource))
        case .timer where subject.device == 0:
            let ender = spell.timedOut && resource >= 0 ? ender(ofSeriesWith: index, resource) : -1
            return ender >= 0 ? .holder(ender) : .cause(Terminal(kind: .sleep, party: .thread(thread)))
        case .pending:
            if let holder = evidence.heldLocks[thread], holder != thread { return .holder(holder) }
            if subject.device != 0 || subject.isIO { return .cause(device(subject, thread)) }
            if subject.kind == .inet || subject.kind == .connect { return .cause(remote(subject, resource)) }
        default:
            if subject.device != 0 || subject.isIO { return .cause(device(subject, thread)) }
        }
        return .cause(Terminal(kind: .unattributed, party: .unknown))
    }

    /// A thread of the kernel's that waits for work, and gets it from an interrupt, only hands on what the interrupt was
    /// about: what the thread waited for that it woke.
    func work(of spell: Spell, for last: Hop) -> Terminal? {
        guard last.wakerThread == spell.thread, spell.waker >= 0,
            evidence.subjects[Int(spell.subject)].kind == .kernelThread,
            evidence.wakers[Int(spell.waker)].kind != .thread, !spell.isOpen(evidence)
        else { return nil }
        let subject = evidence.subjects[Int(last.subject)]
        switch subject.kind {
        case .fsync, .fileRead, .fileWrite, .file, .pageFault, .aio, .ioUring:
            return device(subject, last.thread)
        case .inet, .connect, .epoll, .poll: return remote(subject, last.resource)
        default: return subject.device != 0 || subject.isIO ? device(subject, last.thread) : nil
        }
    }

    /// A lock that is waited for with a time-out is waited for again, and again, until somebody lets go of it: who that is has
    /// held it all along.  -1 if nobody did, or the thread did something else in between.
    private mutating func ender(ofSeriesWith index: Int, _ resource: Int32) -> Int32 {
        if series.spells.contains(index) { return series.ender }
        let first = evidence.spells[index]
        let range = evidence.ranges[Int(first.thread)]
        var ran = first.ran
        var ender: Int32 = -1
        var next = index + 1
        while next < range.upperBound {
            let spell = evidence.spells[next]
            guard spell.left - ran <= Self.pause else { break }
            ran = spell.ran
            next += 1
            if spell.subject < 0 { continue }
            guard ClientWaits.resource(of: spell, evidence) == resource else { break }
            if spell.timedOut { continue }
            if spell.wakerThread != first.thread { ender = spell.wakerThread }
            break
        }
        series = (index..<next, ender)
        return ender
    }

    /// Between two waits of a series the thread computes for no longer than this, ns.
    private static let pause: UInt64 = 1_000_000

    /// What a thread reads again soon after its cgroup had to let go of it is missing for want of memory.
    private func device(_ subject: WaitSubject, _ thread: Int32) -> Terminal {
        let isRead = subject.kind == .pageFault || subject.kind == .fileRead
        if isRead, isAtMemoryLimit[Int(thread)] { return Terminal(kind: .memory, party: .cgroup(thread)) }
        return Terminal(kind: .blockDevice, party: .device(subject.device, by: thread))
    }

    private func remote(_ subject: WaitSubject, _ resource: Int32) -> Terminal {
        Terminal(
            kind: subject.direction == .write ? .network : .remoteEndpoint, party: .endpoint(resource))
    }

    /// A thread that nothing more is known of: at the other end of a connection, at work on a disk, or computing.
    private func stranger(_ spell: Spell, _ subject: WaitSubject, _ resource: Int32) -> Terminal {
        if subject.device != 0 || subject.isIO { return device(subject, spell.thread) }
        let kind = resource < 0 ? ResourceKind.none : evidence.resources[Int(resource)].kind
        let isConnection = kind == .inet || kind == .unix
        return Terminal(kind: isConnection ? .remoteEndpoint : .onCPU, party: .stranger(spell.waker))
    }
}
