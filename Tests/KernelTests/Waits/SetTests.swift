import BPF
import Model
import Testing

/// Waits for any of several things: the one that ended each of them is named.
@Suite(.needsKernel, .serialized) struct SetTests {
    private static let calls = ["epoll", "poll", "ppoll", "select", "pselect"]

    @Test func theMemberThatEndedTheWait() throws {
        let mixed = Self.calls.map { ["member_set", "20", "1", $0, "5", "mixed"] }
        let single = ["pipe", "unix", "inet", "eventfd", "timerfd"].flatMap { kind in
            ["epoll", "poll"].map { ["member_set", "6", "1", $0, "3", kind] }
        }
        let timeouts = Self.calls.map { ["member_set", "10", "2", $0, "5", "timeout"] }
        let programs = mixed + single + timeouts + [["member_set", "5", "1", "poll", "1", "unix"]]
        for seen in try Observation.ofEach(programs) {
            if seen.name.hasSuffix("timeout") {
                try expectTimeouts(seen)
            } else if seen.name.hasSuffix("1 unix") {
                try expectOne(seen)
            } else {
                try expectMembers(seen, call: seen.name.split(separator: " ").map(String.init)[3])
            }
        }
    }

    private func expectTimeouts(_ seen: Observation) throws {
        let isEpoll = seen.name.contains(" epoll ")
        try seen.expect(
            ExpectedWait(
                kind: isEpoll ? .epoll : .poll, resource: isEpoll ? .epoll : .set, waker: .timer,
                timedOut: true))
        let tid = try seen.truth("waiter").tid
        #expect(seen.namedWaits.allSatisfy { $0.thread.tid != tid || $0.member == nil }, "\(seen.name)")
    }

    /// A single descriptor is waited for as itself.
    private func expectOne(_ seen: Observation) throws {
        let truth = try seen.truth("waiter")
        let waits = seen.namedWaits.filter {
            $0.thread.tid == truth.tid && $0.wait.subject.kind == .poll
        }
        let inode = try #require(seen.resourceTruths("member").first?.inode)
        seen.expectBrackets(of: waits, truth)
        #expect(waits.allSatisfy { $0.resource?.inode == inode }, "\(Observation.list(waits))")
    }

    @Test func fiveThousandSockets() throws {
        let count = KernelAccess.scaled(5000)
        for seen in try Observation.ofEach([["member_set", "20", "1", "epoll", "\(count)", "unix"]]) {
            try expectMembers(seen, call: "epoll")
            // Of the set only those are told that something was waited for.
            #expect(seen.resources.values.filter { $0.kind == .unix }.count <= 25)
        }
    }

    /// In each round another member ends the wait, and the program says which.
    private func expectMembers(
        _ seen: Observation, call: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let truth = try seen.truth("waiter")
        let kind: WaitKind = call == "epoll" ? .epoll : .poll
        let waits = seen.namedWaits.filter { $0.thread.tid == truth.tid && $0.wait.subject.kind == kind }
        seen.expectBrackets(of: waits, truth, sourceLocation: sourceLocation)
        #expect(Set(waits.map(\.wait.subject.resource)).count == 1, sourceLocation: sourceLocation)
        #expect(
            waits.allSatisfy { $0.resource?.kind == (call == "epoll" ? .epoll : .set) },
            "\(Observation.list(waits))", sourceLocation: sourceLocation)

        let hasReadySockets = try KernelTypes().hasTracepoint("sk_data_ready")
        // As often as each member was said to end a wait, so often it is recorded, but for what nobody saw.
        var unseen: UInt64 = 0
        for (line, count) in occurrences(seen.resourceTruths("member")) {
            // Which of several sockets got data in an interrupt cannot be told without this.
            if call != "epoll", line.kind == "inet", !hasReadySockets {
                continue
            }
            let matching = waits.filter { isMember($0, line) }.reduce(0) { $0 + $1.wait.count }
            #expect(
                matching <= count, "\(line)\n\(Observation.list(waits))", sourceLocation: sourceLocation)
            unseen += count - min(matching, count)
        }
        // Nobody else is named for such a wait.
        let unnamed = waits.filter { $0.isUnseen || $0.member == nil }.reduce(0) { $0 + $1.wait.count }
        #expect(
            unseen <= min(seen.unseenTurns, unnamed), "\(Observation.list(waits))",
            sourceLocation: sourceLocation)
    }

    private func occurrences(_ lines: [Truth]) -> [(Truth, UInt64)] {
        // An eventfd or timerfd has no number of its own that the program could tell.
        let keys = lines.map {
            $0.kind == "eventfd" || $0.kind == "timerfd" ? $0.kind ?? "" : "\($0.inode ?? 0)"
        }
        let counts = Dictionary(keys.map { ($0, UInt64(1)) }, uniquingKeysWith: +)
        var seen: Set<String> = []
        return zip(keys, lines).filter { seen.insert($0.0).inserted }.map { ($0.1, counts[$0.0] ?? 0) }
    }

    private func isMember(_ named: NamedWait, _ line: Truth) -> Bool {
        guard let member = named.member, named.wait.waker.kind.name == line.waker_kind else { return false }
        if line.waker_kind == "thread", named.wait.waker.tid != line.waker_tid { return false }
        switch line.kind {
        case "eventfd", "timerfd": return member.kind == .anonymous && member.name == line.kind
        default: return line.isAbout(member) && member.kind.name == line.kind
        }
    }
}
