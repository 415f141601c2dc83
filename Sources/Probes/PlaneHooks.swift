import BPF
import Glibc

/// What is attached, and when.
extension KernelPlane {
    public func attach() throws(BPFError) {
        let later = Set(Hook.rings.map(\.program) + [Hook.ready])
        for hook in hooks where !later.contains(hook.program) {
            links.append(try object.attach(hook.program))
        }
        try attachReady()
        // A switch of our own tells how the scheduler's clock and the boot clock differ.
        for _ in 0..<1000 where control.pointee.clock_offset == 0 { usleep(1000) }
    }

    /// Attaches or detaches what runs at each packet or request of a ring, as it is needed.
    ///
    /// To be called at each tick, and when the event buffer calls the collector.
    public func adjustHooks() throws(BPFError) {
        if control.pointee.rings_missing != 0, control.pointee.rings_attached == 0 { try attachRings() }
        if control.pointee.ready_missing != 0 {
            try attachReady()
            control.pointee.ready_missing = 0
        } else if readyLink != nil, control.pointee.tick > control.pointee.ready_asked &+ ticksUntilDetached {
            control.pointee.ready_attached = 0
            readyLink = nil
        }
    }

    /// Who has asked once asks again, and each first time is lost.
    private var ticksUntilDetached: UInt64 { control.pointee.ready_asked == 0 ? 1 : 1000 }

    private func attachReady() throws(BPFError) {
        // A kernel without it is not to ask for it.
        control.pointee.ready_attached = 1
        guard readyLink == nil, hooks.contains(where: { $0.program == Hook.ready }) else { return }
        readyLink = try object.attach(Hook.ready)
    }

    /// They stay: who has made one ring may make another, and its first requests would be missed.
    private func attachRings() throws(BPFError) {
        for hook in Hook.rings where hooks.contains(where: { $0.program == hook.program }) {
            links.append(try object.attach(hook.program))
        }
        control.pointee.rings_attached = 1
    }

    /// Whether the programs that run for every ring on the host are attached.
    public var watchesRings: Bool { tellsRings && control.pointee.rings_attached != 0 }

    /// What this kernel does not tell, as ends of sentences.
    public var untold: [String] {
        let missing = missingHooks.filter { hook in
            hook.otherwise.map { other in missingHooks.contains { $0.program == other } } ?? true
        }
        return Set(missing.compactMap(\.missing)).sorted()
    }

    /// Events whose program the kernel skipped because it was already running on that CPU, by what is missing with them.
    public func missedEvents() throws(BPFError) -> [Hook.Subject: UInt64] {
        var missed: [Hook.Subject: UInt64] = [:]
        for hook in hooks where !hook.mayMiss {
            missed[hook.subject, default: 0] += try object.missedRuns(of: hook.program)
        }
        return missed
    }
}
