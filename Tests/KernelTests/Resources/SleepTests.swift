import CommandRunning
import Foundation
import Model
import Testing

/// Waits that time ends, or another process by ending or with a signal.
@Suite(.needsKernel, .serialized) struct SleepTests {
    @Test func timers() throws {
        let names = ["nanosleep": "sleep of 3.0 ms", "absolute": "sleep until a time"]
        for seen in try Observation.ofEach([
            ["timer_sleep", "10", "3", "nanosleep"], ["timer_sleep", "10", "3", "absolute"],
        ]) {
            let how = try #require(seen.truths.first { $0.event == "thread" }?.role)
            let waits = try seen.expectWaits(how, .sleep)
            #expect(waits.allSatisfy { !$0.timedOut }, "a sleep that ends in time is no timeout")
            let timer = try seen.resource(of: waits)
            #expect(timer.kind == .timer && timer.name == names[how], "\(timer)")
            seen.expectWakers(of: waits, .timer)
        }
    }

    @Test func othersEndWaits() throws {
        let seen = try Observation.ofEach(
            ["wait4", "vfork", "signal", "pause"].map { ["process_waits", "5", "2", $0] })
        try expectChildren(seen[0])
        try expectVforks(seen[1])
        for run in seen[2...] {
            let waits = try run.expectWaits("waiter", .signal)
            let signal = try run.resource(of: waits)
            #expect(signal.kind == .signal && signal.pid == run.pid)
            run.expectWakers(of: waits, .thread, tid: try run.truth("waker").tid)
        }
    }

    /// Children are named, and end the waits for them.
    private func expectChildren(_ seen: Observation) throws {
        let waits = try seen.expectWaits("waiter", .child)
        let children = seen.truths.filter { $0.kind == "child" }.compactMap(\.waker_tid)
        #expect(children.count == 5)
        for child in children {
            let own = waits.filter { seen.resources[$0.subject.resource]?.name == "child \(child)" }
            #expect(own.reduce(0) { $0 + $1.count } == 1)
            seen.expectWakers(of: own, .thread, tid: child)
        }
    }

    /// The child that borrows the memory is waited for.
    private func expectVforks(_ seen: Observation) throws {
        let waits = try seen.expectWaits("waiter", .vfork)
        let children = seen.truths.filter { $0.kind == "vfork" }.compactMap(\.waker_tid)
        #expect(waits.reduce(0) { $0 + $1.count } == 5 && children.count == 5)
        let named = children.count { child in waits.contains { $0.waker.tid == child && $0.count == 1 } }
        #expect(named + Int(seen.unseenTurns) >= 5)
        #expect(waits.allSatisfy { $0.subject.device == 0 })
    }

    /// A sleep of which a part is spent stopped, and which goes on afterwards as what it was.
    @Test func aStoppedProcessIsNotAsleep() throws {
        let program = try TestProgram("timer_sleep").path
        // Each signal is sent when the kernel says that the one before has done its work.
        let script = """
            until_is() { until grep -q "$2" /proc/$!/$1; do sleep 0.01; done; }
            \(program) 1 700 nanosleep & until_is syscall '^230 '; kill -STOP $!
            until_is status 'State:.T'; sleep 0.1; kill -CONT $!; wait
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let stopped = try seen.waits("nanosleep", .stopped)
        #expect(stopped.reduce(0) { $0 + $1.total } > 0 && stopped.reduce(0) { $0 + $1.count } == 1)
        let shell = try #require(seen.threads.values.first { $0.tid == seen.pid })
        seen.expectWakers(of: stopped, .thread, tid: shell.tid)
        let asleep = try seen.waits("nanosleep", .sleep)
        // What was left of it was written where the length was.
        let names = Set(asleep.compactMap { seen.resources[$0.subject.resource]?.name })
        #expect(names.contains("sleep of 700.0 ms") && names.count == 2, "\(names)")
        #expect(asleep.allSatisfy { seen.resources[$0.subject.resource]?.kind == .timer })
        let truth = try seen.truth("nanosleep")
        let both = (asleep + stopped).reduce(0) { $0 + $1.total }
        #expect(both <= truth.wait_ns ?? 0, "\(both) of \(truth)")
    }

    /// The first process of a pid namespace cannot end before the others have, of which one is frozen until the kernel
    /// says that the first waits.
    @Test func anEndThatWaitsForOthersIsAnExit() throws {
        guard let freezer = try Freezer() else { return }
        let scratch = try Scratch()
        let first = """
            sh -c "echo \\$\\$ > \(freezer.directory)/cgroup.procs; echo >\(scratch.path("in")); exec sleep 60" &
            until [ -e \(scratch.path("in")) ]; do sleep 0.01; done
            echo FROZEN > \(freezer.directory)/freezer.state
            until grep -q FROZEN \(freezer.directory)/freezer.state; do sleep 0.01; done
            """
        let script = """
            unshare -pf sh -c '\(first)' & unshare=$!
            child() { cat /proc/$unshare/task/$unshare/children; }
            until [ -n "$(child)" ]; do sleep 0.01; done
            init=$(child)
            until grep -q zap_pid_ns /proc/${init% }/stack; do sleep 0.01; done
            echo THAWED > \(freezer.directory)/freezer.state; wait
            """
        let seen = try Observation.of(path: "/bin/sh", ["-c", script])
        seen.expectTimeIsConserved()
        let waits = seen.batches.flatMap(\.waits).map(\.wait).filter { $0.subject.kind == .exit }
        #expect(waits.reduce(0) { $0 + $1.count } >= 1 && waits.reduce(0) { $0 + $1.total } > 0, "\(waits)")
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
