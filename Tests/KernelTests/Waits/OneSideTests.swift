import BPF
import CommandRunning
import Foundation
import Model
import Probes
import Testing

/// Pairs of processes of which only one was asked for.
@Suite(.needsKernel, .serialized) struct OneSideTests {
    static let pairs: [[String]] = [
        ["pipe_waits", "10", "3", "read"], ["pipe_waits", "10", "3", "write"],
        ["unix_waits", "10", "3", "pair", "read"], ["inet_waits", "10", "3", "read"],
        ["eventfd_pair", "10", "3", "read"], ["member_set", "10", "3", "epoll", "5", "unix"],
        ["member_set", "10", "3", "poll", "5", "pipe"],
    ]

    /// With nobody followed the other one is named all the same, and nothing more is known of it.
    @Test(arguments: pairs) func theWakerIsNamed(pair: [String]) throws {
        var following = KernelPlane.Following()
        following.children = false
        let seen = try Observation.of(
            pair[0], Array(pair.dropFirst()), following: following, adopting: true)
        seen.expectTimeIsConserved()
        let waiter = try seen.truth("waiter"), waker = try seen.truth("waker")
        #expect(Set(seen.threads.values.map(\.tid)) == [waiter.tid ?? 0])
        let kinds: [WaitKind] = [.pipe, .unix, .inet, .event, .epoll, .poll]
        let waits = seen.namedWaits.filter { kinds.contains($0.wait.subject.kind) }
        seen.expectBrackets(of: waits, waiter, of: seen.namedWaits)
        for named in waits where named.wait.count > 0 && named.wait.waker.kind != .network && !named.isUnseen
        {
            #expect(
                named.wait.waker.tid == waker.tid && named.wait.waker.pid == waker.pid
                    && named.wait.waker.comm == pair[0], "\(named)")
        }
        #expect(waits.contains { $0.wait.waker.tid == waker.tid }, "\(Observation.list(waits))")
    }

    /// Followed, it becomes a target with its first waking.
    @Test(arguments: pairs) func theWakerIsFollowed(pair: [String]) throws {
        var following = KernelPlane.Following()
        following.children = false
        following.communication = true
        let seen = try Observation.of(
            pair[0], Array(pair.dropFirst()), following: following, adopting: true)
        seen.expectTimeIsConserved()
        let waiter = try seen.truth("waiter"), waker = try seen.truth("waker")
        #expect(Set(seen.threads.values.map(\.tid)) == [waiter.tid ?? 0, waker.tid ?? 0])
        let added = seen.batches.flatMap(\.targets).filter { $0.event == .added && $0.pid == waker.pid }
        #expect(added.count == 1)
        #expect(added.first?.reason.contains(pair[0]) == true, "\(added)")
        // From then on all of its own time is told: it sleeps before each of nine more wakings, or eight, if a late
        // interrupt's thread was who ended the first wait.
        let sleeps = seen.namedWaits.filter { $0.thread.tid == waker.tid && $0.wait.subject.kind == .sleep }
        #expect(sleeps.reduce(0) { $0 + $1.wait.count } >= 5, "\(Observation.list(sleeps))")
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
