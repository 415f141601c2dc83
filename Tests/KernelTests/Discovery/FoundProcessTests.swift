import Collector
import Foundation
import Model
import Probes
import Testing

/// Processes that nobody asked for become targets because they and targets wait for each other.
@Suite(.needsKernel, .serialized) struct FoundProcessTests {
    /// Children are not followed here, so that the child is found only if it communicates.
    private static let communication = {
        var following = KernelPlane.Following()
        following.children = false
        following.communication = true
        return following
    }()

    @Test func thePartnerIsFound() throws {
        let pairs = [
            (["pipe_pair", "20", "2"], "pipe:["), (["socket_pair", "20", "4", "1"], "unix:["),
            (["tcp_pair", "20", "4", "1"], "tcp 127.0.0.1:"),
            (["shared_futex", "20", "2"], "futex memfd:shared_futex"),
        ]
        let programs = try pairs.map { try HeldProgram($0.0[0], Array($0.0.dropFirst())) }
        let runs = try Observation.watchingEach(
            programs, following: Self.communication, policy: try FollowPolicy())
        for (seen, (words, place)) in zip(runs, pairs) {
            let partner = try #require(
                seen.truths.first { $0.event == "thread" && $0.pid != seen.pid }, "\(words)")
            let added = seen.targets.filter { $0.event == .added && $0.pid == partner.pid }
            #expect(added.count == 1, "\(words): \(seen.targets)")
            let reason = try #require(added.first?.reason)
            let us = "\(words[0])/\(seen.pid) at "
            #expect(
                reason.hasPrefix("ended waits of " + us) || reason.hasPrefix("was woken by " + us),
                "\(reason)")
            #expect(reason.contains(place), "\(reason)")
            // Of its own waits all are told from the moment when it was found.
            #expect(seen.waits(tid: partner.tid).reduce(0) { $0 + $1.count } > 0)
        }
    }

    /// Signals, timers and the ends of children are no communication.
    @Test func othersAreNotFound() throws {
        let programs = try ["wait4", "vfork", "signal", "pause"].map {
            try HeldProgram("process_waits", ["4", "2", $0])
        }
        let runs = try Observation.watchingEach(
            programs, following: Self.communication, policy: try FollowPolicy())
        #expect(Set(runs[0].targets.map(\.pid)) == Set(programs.map(\.pid)))
    }

    @Test func theOtherThreadsFollowWithinMoments() throws {
        let held = try HeldProgram("relay", ["2", "20", "3", "3"])
        let seen = try Observation.watching(
            [held], following: Self.communication, policy: try FollowPolicy())
        seen.expectTimeIsConserved()
        let partner = try seen.truth("relay-1")
        let threads = seen.threads.values.filter { seen.processes[$0.process]?.pid == partner.pid }
        #expect(Set(threads.map(\.tid)).count == 4, "\(threads.map(\.tid))")
    }

    /// head <- 1 <- 2 <- 3 <- 4: each is found once the one before is known.
    @Test(arguments: [(1, 1), (9, 4)]) func hopsAreLimited(hops: Int, found: Int) throws {
        var following = Self.communication
        following.hops = UInt32(hops)
        let held = try HeldProgram("relay", ["5", "10", "3", "0"])
        let seen = try Observation.watching([held], following: following, policy: try FollowPolicy())
        seen.expectTimeIsConserved()
        let expected = try (1...found).map { try seen.truth("relay-\($0)").pid }
        let added = seen.targets.filter { $0.event == .added }.map(\.pid)
        #expect(added == [held.pid] + expected)
    }

    @Test func theirNumberIsLimited() throws {
        var following = Self.communication
        following.limit = 2
        let held = try HeldProgram("relay", ["5", "10", "3", "0"])
        let seen = try Observation.watching([held], following: following, policy: try FollowPolicy())
        seen.expectTimeIsConserved()
        #expect(seen.targets.count { $0.event == .added } == 3)
    }

    /// Daemons and what the user excludes are no way to others either.  What runs when the recording begins is never
    /// a target; what starts later is one until its name is read.
    @Test func someAreLeftOut() throws {
        let cases: [(name: String, when: String, why: String?)] = [
            ("rsyslogd", "", nil), ("rsyslogd", "late", "it is a system daemon"), ("bystander", "", nil),
            ("bystander", "late", "it matches --exclude '^bystand'"),
        ]
        // Those that are to be let go of live until their names have been read, which a busy collector does not do at once.
        let programs = try cases.map {
            try HeldProgram("relay", ["3", "20", $0.when.isEmpty ? "3" : "100", "0", $0.name, $0.when])
        }
        let runs = try Observation.watchingEach(
            programs, following: Self.communication, policy: try FollowPolicy(exclude: ["^bystand"]))
        for (seen, (name, when, why)) in zip(runs, cases) {
            let excluded = try seen.truth("relay-1")
            let events = seen.targets.filter { $0.pid == excluded.pid }
            #expect(events.map(\.event) == (why == nil ? [] : [.added, .removed]), "\(name) \(when)")
            #expect(events.last?.reason == why)
            if why == nil { #expect(seen.total(tid: excluded.tid).alive == 0) }
            // The waits that it ends are told all the same.
            let waits = try seen.expectWaits("relay-0", .pipe)
            seen.expectWakers(of: waits, .thread, tid: excluded.tid)
        }
    }

    @Test func anIdleProcessIsLetGoOfForGood() throws {
        var options = RecorderOptions()
        options.interval = 100_000_000
        options.maxIdle = 300_000_000
        let held = try HeldProgram("relay", ["2", "10", "3", "1", "relay", "pause"])
        let seen = try Observation.watching(
            [held], options: options, following: Self.communication, policy: try FollowPolicy())
        seen.expectTimeIsConserved()
        let idle = try seen.truth("relay-1")
        let events = seen.targets.filter { $0.pid == idle.pid }
        #expect(events.map(\.event) == [.added, .removed])
        #expect(events.last?.reason == "idle for 0.3 s")
        #expect(seen.targets.filter { $0.pid == held.pid }.map(\.event) == [.added, .removed])
    }

    @Test(arguments: [true, false]) func childrenAreFollowedIfAskedFor(children: Bool) throws {
        var following = KernelPlane.Following()
        following.children = children
        let seen = try Observation.of("pipe_pair", ["10", "1"], following: following)
        seen.expectTimeIsConserved()
        let child = try seen.truth("reader")
        let events = seen.targets.filter { $0.pid == child.pid }
        #expect(events.map(\.event) == (children ? [.added, .removed] : []))
        if children { #expect(events.first?.reason == "forked by \(seen.pid) (pipe_pair)") }
        // Threads belong to their process in any case.
        #expect(seen.targets.contains { $0.pid == seen.pid && $0.event == .removed })
    }
}
