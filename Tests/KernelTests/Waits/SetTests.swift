import BPF
import Model
import Testing

/// Waits for any of several things: the one that ended each of them is named.
@Suite(.needsKernel, .serialized) struct SetTests {
    @Test(arguments: ["epoll", "poll", "ppoll", "select", "pselect"])
    func theMemberThatEndedTheWait(call: String) throws {
        let seen = try Observation.of("member_set", ["20", "10", call, "5", "mixed"])
        try expectMembers(seen, call: call)
    }

    @Test(arguments: ["pipe", "unix", "inet", "eventfd", "timerfd"]) func membersOfOneKind(kind: String)
        throws
    {
        for call in ["epoll", "poll"] {
            let seen = try Observation.of("member_set", ["6", "10", call, "3", kind])
            try expectMembers(seen, call: call)
        }
    }

    /// What tells a polled socket's data is not attached while nobody needs it: the first wait finds that out.
    @Test func membersAreToldFromTheSecondWaitOn() throws {
        guard OpenObject.kernelHas(tracepoint: "sk_data_ready") else { return }
        let seen = try Observation.of(
            "member_set", ["6", "400", "poll", "3", "inet"], interval: .milliseconds(100))
        #expect(seen.losses.isEmpty)
        let waits = seen.namedWaits.filter { $0.wait.subject.kind == .poll && $0.wait.count > 0 }
        let named = waits.filter { $0.member?.kind == .inet }
        #expect(named.reduce(0) { $0 + $1.wait.count } == 5, "\(Observation.list(waits))")
        #expect(waits.reduce(0) { $0 + $1.wait.count } == 6, "\(Observation.list(waits))")
    }

    @Test(arguments: ["epoll", "poll", "ppoll", "select", "pselect"]) func timeouts(call: String) throws {
        let seen = try Observation.of("member_set", ["10", "10", call, "5", "timeout"])
        #expect(seen.losses.isEmpty)
        try seen.expect(
            ExpectedWait(
                kind: call == "epoll" ? .epoll : .poll, resource: call == "epoll" ? .epoll : .set,
                waker: .timer, timedOut: true))
        #expect(seen.namedWaits.allSatisfy { $0.member == nil })
    }

    /// A single descriptor is waited for as itself.
    @Test func aSetOfOne() throws {
        let seen = try Observation.of("member_set", ["5", "10", "poll", "1", "unix"])
        let truth = try seen.truth("waiter")
        let waits = seen.namedWaits.filter { $0.thread.tid == truth.tid && $0.wait.subject.kind == .poll }
        let inode = try #require(seen.resourceTruths("member").first?.inode)
        #expect(
            !waits.isEmpty && waits.allSatisfy { $0.resource?.inode == inode }, "\(Observation.list(waits))")
    }

    @Test func fiveThousandSockets() throws {
        let count = KernelAccess.scaled(5000)
        let seen = try Observation.of("member_set", ["20", "5", "epoll", "\(count)", "unix"])
        try expectMembers(seen, call: "epoll")
        // Of the set only those are told that something was waited for.
        #expect(seen.resources.values.filter { $0.kind == .unix }.count <= 25)
    }

    /// In each round another member ends the wait, and the program says which.
    private func expectMembers(
        _ seen: Observation, call: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("waiter")
        let kind: WaitKind = call == "epoll" ? .epoll : .poll
        let waits = seen.namedWaits.filter { $0.thread.tid == truth.tid && $0.wait.subject.kind == kind }
        let sum = waits.reduce(0) { $0 + $1.wait.total }
        #expect(
            seen.isAll(sum, of: truth, within: 0.02), "\(sum) of \(truth)", sourceLocation: sourceLocation)
        #expect(Set(waits.map(\.wait.subject.resource)).count == 1, sourceLocation: sourceLocation)
        #expect(
            waits.allSatisfy { $0.resource?.kind == (call == "epoll" ? .epoll : .set) },
            "\(Observation.list(waits))", sourceLocation: sourceLocation)

        // As often as each member was said to end a wait, so often it is recorded, but for what nobody saw.
        var unseen: UInt64 = 0
        for (line, count) in occurrences(seen.resourceTruths("member")) {
            // Which of several sockets got data in an interrupt cannot be told without this.
            if call != "epoll", line.kind == "inet", !OpenObject.kernelHas(tracepoint: "sk_data_ready") {
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
