import Model
import Testing

/// Interrupts borrow a CPU from whoever runs there: it has nothing to do with the waits that they end.
///
/// Beside a thread for each CPU that computes, every waking that an interrupt does meets one of these.
@Suite(.needsKernel, .serialized) struct BystanderTests {
    @Test(arguments: ["nanosleep", "absolute", "poll", "select", "epoll", "timerfd"])
    func timers(how: String) throws {
        let sleeper = try TestProgram("timer_sleep").path
        try expectTimer(seen(beside: "\(sleeper) 20 10 \(how)"), waiter: "timer_sleep", count: 20)
    }

    @Test func futexTimeouts() throws {
        let program = try TestProgram("futex_kinds").path
        let seen = try seen(beside: "\(program) 20 10 bitset")
        try expectTimer(seen, waiter: "futex_kinds", count: 20)
        let waits = seen.namedWaits.filter { $0.wait.waker.kind == .timer && $0.wait.subject.kind == .futex }
        #expect(!waits.isEmpty && waits.allSatisfy(\.wait.timedOut), "\(Observation.list(waits))")
    }

    /// Over loopback a sender delivers in an interrupt of its own: that one is named, and only that one.
    @Test func loopback() throws {
        let program = try TestProgram("inet_waits").path
        for how in ["read", "udp", "accept"] {
            let seen = try seen(beside: "\(program) 20 10 \(how)")
            let waits = seen.namedWaits.filter {
                $0.wait.subject.direction == .read && [.inet, .accept].contains($0.wait.subject.kind)
            }
            #expect(waits.reduce(0) { $0 + $1.wait.count } >= 20)
            // A softirq that is late is served by the CPU's own thread for it, which cannot tell the sender.
            for named in waits where named.wait.waker.kind != .network {
                #expect(named.wait.waker.comm == "inet_waits", "\(named)")
            }
            let bySender = waits.filter { $0.wait.waker.comm == "inet_waits" }
            #expect(bySender.reduce(0) { $0 + $1.wait.count } >= 18, "\(Observation.list(waits))")
        }
    }

    private func seen(beside command: String) throws -> Observation {
        let burner = try TestProgram("burner").path
        return try Observation.of(
            path: "/bin/sh", ["-c", "\(burner) 2 400 >/dev/null & \(command) >/dev/null; wait"])
    }

    private func expectTimer(_ seen: Observation, waiter: String, count: UInt64) throws {
        seen.expectTimeIsConserved()
        // The program itself is read from the disk first.
        let waits = seen.namedWaits.filter {
            $0.thread.comm == waiter && $0.wait.total > 1_000_000 && $0.wait.waker.kind != .block
        }
        let byTimer = waits.filter { $0.wait.waker.kind == .timer }
        // Whoever is kept from its CPU until the time has come need not wait for it any more.
        let ended = byTimer.reduce(0) { $0 + $1.wait.count }
        #expect(ended <= count && ended >= count * 3 / 4, "\(Observation.list(waits))")
        // Nobody else is named, and no more is left open than there were turns in which no program ran.
        #expect(byTimer.count == waits.count { !$0.isUnseen }, "\(Observation.list(waits))")
        seen.expectFewUnseen(waits.map(\.wait))
    }
}
