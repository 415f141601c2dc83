import Model
import Testing

/// Interrupts borrow a CPU from whoever runs there: it has nothing to do with the waits that they end.
///
/// Beside a thread for each CPU that computes, every waking that an interrupt does meets one of these.
@Suite(.needsKernel, .serialized) struct BystanderTests {
    @Test func nobodyIsTakenForAnInterrupt() throws {
        let how = ["nanosleep", "absolute", "poll", "select", "epoll", "timerfd"]
        let protocols = ["read", "udp", "accept"]
        let runs = try seen(
            how.map { ["timer_sleep", "10", "3", $0] } + [["futex_kinds", "10", "3", "bitset"]]
                + protocols.map { ["inet_waits", "10", "1", $0] })
        for (seen, role) in zip(runs, how) { try expectTimer(seen, role) }
        try runs[how.count].expect(
            ExpectedWait(kind: .futex, resource: .futex, waker: .timer, timedOut: true))
        for seen in runs[(how.count + 1)...] { try expectSender(seen) }
    }

    /// Over loopback a sender delivers in an interrupt of its own: that one is named, and only that one.
    private func expectSender(_ seen: Observation) throws {
        let kind: WaitKind = seen.name.hasSuffix("accept") ? .accept : .inet
        try seen.expect(ExpectedWait(kind: kind, resource: .inet, direction: .read, stead: .network))
        let sender = try seen.truth("waker").tid
        // A softirq that is late is served by the CPU's own thread for it, which cannot tell the sender.
        #expect(
            seen.namedWaits.contains { $0.wait.subject.kind == kind && $0.wait.waker.tid == sender },
            "\(seen.name)\n\(Observation.list(seen.namedWaits))")
    }

    private func seen(_ programs: [[String]]) throws -> [Observation] {
        let spinners = try (0..<2).map { _ in
            try Background(["/bin/sh", "-c", "while :; do :; done"])
        }
        defer { withExtendedLifetime(spinners) {} }
        return try Observation.ofEach(programs)
    }

    private func expectTimer(_ seen: Observation, _ role: String) throws {
        let kind: WaitKind =
            switch role {
            case "nanosleep", "absolute": .sleep
            case "epoll": .epoll
            case "timerfd": .event
            default: .poll
            }
        let waits = try seen.expectWaits(role, kind)
        // Nobody else is named, and no more is left open than there were turns in which no program ran.
        seen.expectWakers(of: waits, .timer)
    }
}
