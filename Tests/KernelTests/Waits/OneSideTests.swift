import BPF
import Collector
import CommandRunning
import Foundation
import Model
import Probes
import Testing

/// Pairs of processes of which only one was asked for.
@Suite(.needsKernel, .serialized) struct OneSideTests {
    private static let pairs: [[String]] = [
        ["pipe_waits", "10", "2", "read"], ["pipe_waits", "10", "2", "write"],
        ["unix_waits", "10", "2", "pair", "read"], ["inet_waits", "10", "2", "read"],
        ["eventfd_pair", "10", "2", "read"], ["member_set", "10", "2", "epoll", "5", "unix"],
        ["member_set", "10", "2", "poll", "5", "pipe"],
    ]

    /// All of them at once, of each the one that the test has started.
    private func seen(_ following: KernelPlane.Following) throws -> [Observation] {
        let programs = try Self.pairs.map { try HeldProgram($0[0], Array($0.dropFirst())) }
        var whole = try Observation.watching(
            programs, following: following, policy: following.communication ? FollowPolicy() : nil)
        whole.expectTimeIsConserved()
        #expect(whole.losses.isEmpty, "\(whole.losses)")
        let truths = whole.truths
        whole.truths = []
        return zip(programs, Self.pairs).map { program, pair in
            var run = whole
            run.name = pair.joined(separator: " ")
            run.pid = program.pid
            let children = truths.filter { $0.role == "waiter" && $0.pid == program.pid }.compactMap(
                \.waker_tid)
            run.truths = truths.filter {
                $0.pid == program.pid || $0.pid.map(children.contains) == true || $0.event == "resource"
            }
            return run
        }
    }

    private static let kinds: [WaitKind] = [.pipe, .unix, .inet, .event, .epoll, .poll]

    /// With nobody followed the other one is named all the same, and nothing more is known of it.
    @Test func theWakerIsNamed() throws {
        var following = KernelPlane.Following()
        following.children = false
        for seen in try seen(following) {
            let waiter = try seen.truth("waiter")
            let all = seen.namedWaits.filter { $0.thread.tid == seen.pid }
            // Not the one in which it was held back by the test.
            let waits = all.filter {
                Self.kinds.contains($0.wait.subject.kind) && $0.wait.waker.pid != UInt32(getpid())
            }
            seen.expectBrackets(of: waits, waiter, of: all)
            let wakers = waits.filter { $0.wait.waker.kind == .thread }.map(\.wait.waker)
            #expect(Set(wakers.map(\.tid)).count == 1 && Set(wakers.map(\.pid)).count == 1, "\(wakers)")
            #expect(wakers.allSatisfy { $0.pid != seen.pid && seen.name.hasPrefix($0.comm) }, "\(wakers)")
            #expect(Set(seen.threads.values.map(\.tid)).isDisjoint(with: wakers.map(\.tid)))
        }
    }

    /// Followed, it becomes a target with its first waking.
    @Test func theWakerIsFollowed() throws {
        var following = KernelPlane.Following()
        following.children = false
        following.communication = true
        for seen in try seen(following) {
            let waits = seen.namedWaits.filter {
                $0.thread.tid == seen.pid && Self.kinds.contains($0.wait.subject.kind)
                    && $0.wait.waker.kind == .thread && $0.wait.waker.pid != UInt32(getpid())
            }
            let waker = try #require(waits.first?.wait.waker, "\(seen.name)")
            let added = seen.targets.filter { $0.event == .added && $0.pid == waker.pid }
            #expect(added.count == 1)
            #expect(added.first?.reason.contains(seen.name.split(separator: " ")[0]) == true, "\(added)")
            // From then on all of its own time is told: it sleeps before each of the wakings that are left, of which
            // a late interrupt's thread may have done some.
            let sleeps = seen.namedWaits.filter {
                $0.thread.tid == waker.tid && $0.wait.subject.kind == .sleep
            }
            #expect(
                sleeps.reduce(0) { $0 + $1.wait.count } >= waits.reduce(0) { $0 + $1.wait.count } - 1,
                "\(seen.name)\n\(Observation.list(sleeps))")
        }
    }

    /// The one that is woken is found as well, by what wakes it.
    @Test func theWokenIsFollowed() throws {
        let scratch = try Scratch()
        try Data().write(to: URL(fileURLWithPath: scratch.path("pair")))
        setenv("PAIR_FILE", scratch.path("pair"), 1)
        defer { unsetenv("PAIR_FILE") }
        let program = try TestProgram("inet_waits").path
        let port = "\(Int.random(in: 20_000..<30_000))"
        let server = try Background([program, "10", "2", "read", "127.0.0.1", port, "server"])
        var following = KernelPlane.Following()
        following.communication = true
        let seen = try Observation.of(
            path: program, ["10", "2", "read", "127.0.0.1", port, "client"], following: following,
            printsTruth: true)
        seen.expectTimeIsConserved()
        let waits = seen.namedWaits.filter { $0.thread.tid == server.pid }
        // From the first waking on it is known.
        let byClient = waits.filter { $0.wait.waker.pid == seen.pid && $0.wait.subject.kind == .inet }
        #expect(byClient.reduce(0) { $0 + $1.wait.count } >= 5, "\(Observation.list(waits))")
    }

    /// What a thread sleeps for when it is met stands in its own memory, which cannot be read from there: it is not
    /// told, or told rightly.
    @Test func adoptedInASleep() throws {
        let seen = try Observation.of(
            path: "/bin/sh", ["-c", "echo; exec sleep 0.61"], interval: .milliseconds(100), adopting: true)
        seen.expectTimeIsConserved()
        let waits = seen.namedWaits.filter { $0.wait.subject.kind == .sleep }
        #expect(waits.reduce(0) { $0 + $1.wait.total } > 300_000_000, "\(Observation.list(waits))")
        for named in waits {
            #expect(named.resource == nil || named.resource?.name == "sleep of 610.0 ms", "\(named)")
            #expect(named.wait.waker.kind == .timer, "\(named)")
        }
    }
}
