import Foundation
import Model
import Testing

/// Waits that time ends, or another process by ending or with a signal.
@Suite(.needsKernel, .serialized) struct SleepTests {
    @Test(arguments: [("nanosleep", "sleep of 30.0 ms"), ("absolute", "sleep until a time")])
    func timers(how: String, name: String) throws {
        let seen = try Observation.of("timer_sleep", ["10", "30", how])
        seen.expectTimeIsConserved()
        let waits = try seen.expectWaits(how, .sleep)
        #expect(waits.reduce(0) { $0 + $1.count } == 10)
        #expect(waits.allSatisfy { !$0.timedOut }, "a sleep that ends in time is no timeout")
        #expect(try seen.resource(of: waits).kind == .timer)
        #expect(try seen.resource(of: waits).name == name)
        seen.expectWakers(of: waits, .timer)
    }

    @Test func childrenAreNamedAndEndTheWaitsForThem() throws {
        let seen = try Observation.of("process_waits", ["5", "40", "wait4"])
        seen.expectTimeIsConserved()
        let waits = try seen.expectWaits("waiter", .child)
        let children = seen.truths.filter { $0.kind == "child" }.compactMap(\.waker_tid)
        #expect(children.count == 5)
        for child in children {
            let own = waits.filter { seen.resources[$0.subject.resource]?.name == "child \(child)" }
            #expect(own.reduce(0) { $0 + $1.count } == 1)
            seen.expectWakers(of: own, .thread, tid: child)
        }
    }

    @Test func vforkWaitsForTheChildThatBorrowsTheMemory() throws {
        let seen = try Observation.of("process_waits", ["5", "40", "vfork"])
        seen.expectTimeIsConserved()
        let waits = try seen.expectWaits("waiter", .vfork)
        let children = seen.truths.filter { $0.kind == "vfork" }.compactMap(\.waker_tid)
        #expect(waits.reduce(0) { $0 + $1.count } == 5)
        for child in children { #expect(waits.contains { $0.waker.tid == child && $0.count == 1 }) }
        #expect(waits.allSatisfy { $0.subject.device == 0 })
    }

    @Test(arguments: ["signal", "pause"]) func signalsAreEndedByWhoSendsThem(how: String) throws {
        let seen = try Observation.of("process_waits", ["8", "30", how])
        seen.expectTimeIsConserved()
        let waits = try seen.expectWaits("waiter", .signal)
        let signal = try seen.resource(of: waits)
        #expect(signal.kind == .signal && signal.pid == seen.pid)
        seen.expectWakers(of: waits, .thread, tid: try seen.truth("waker").tid)
    }

    /// A sleep of which 400 ms are spent stopped, and which goes on afterwards as what it was.
    @Test func aStoppedProcessIsNotAsleep() throws {
        let program = try TestProgram("timer_sleep").path
        let script = "\(program) 1 700 nanosleep & sleep 0.1; kill -STOP $!; sleep 0.4; kill -CONT $!; wait"
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let stopped = try seen.waits("nanosleep", .stopped)
        let time = stopped.reduce(0) { $0 + $1.total }
        #expect(time > 390_000_000 && time < 500_000_000, "\(time)")
        let shell = try #require(seen.threads.values.first { $0.tid == seen.pid })
        seen.expectWakers(of: stopped, .thread, tid: shell.tid)
        let asleep = try seen.waits("nanosleep", .sleep)
        // What was left of it was written where the length was.
        let names = Set(asleep.compactMap { seen.resources[$0.subject.resource]?.name })
        #expect(names.contains("sleep of 700.0 ms") && names.count == 2, "\(names)")
        #expect(asleep.allSatisfy { seen.resources[$0.subject.resource]?.kind == .timer })
        let truth = try seen.truth("nanosleep")
        let whole = seen.total(tid: truth.tid)
        #expect(isClose(whole.blocked + whole.runQueue, truth.wait_ns ?? 0, within: 0.02, slack: 5_000_000))
    }

    /// The first process of a pid namespace cannot end before the others have, of which one is frozen for 300 ms.
    @Test func anEndThatWaitsForOthersIsAnExit() throws {
        guard let freezer = try Freezer() else { return }
        let first = """
            sh -c "echo \\$\\$ > \(freezer.directory)/cgroup.procs; sleep 60" & sleep 0.2
            echo FROZEN > \(freezer.directory)/freezer.state
            """
        let script = """
            (sleep 0.7; echo THAWED > \(freezer.directory)/freezer.state) &
            unshare -pf sh -c '\(first)'; wait
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script])
        seen.expectTimeIsConserved()
        let time = seen.batches.flatMap(\.waits).map(\.wait).filter { $0.subject.kind == .exit }
            .reduce(0) { $0 + $1.total }
        #expect(time > 200_000_000 && time < 700_000_000, "\(time)")
    }
}

/// A cgroup of the test's own that can be frozen, where there is a v1 hierarchy for it.
private final class Freezer {
    let directory: String

    init?() throws {
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        let mount = mounts.first { $0[2] == "cgroup" && $0[3].split(separator: ",").contains("freezer") }
        guard let mount else { return nil }
        directory = "\(mount[1])/stallscope-test-\(UUID().uuidString)"
        try #require(mkdir(directory, 0o755) == 0)
    }

    deinit {
        if rmdir(directory) != 0 { print("left behind: \(directory)") }
    }
}
