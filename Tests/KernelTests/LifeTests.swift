import CommandRunning
import Foundation
import Model
import Probes
import Recording
import Testing

/// Threads and processes however they come, change and go.
@Suite(.needsKernel, .serialized) struct LifeTests {
    /// More threads than are to be watched: what is watched is whole, and the others are counted.
    @Test func moreThreadsThanAreWatched() throws {
        var limits = KernelPlane.Limits()
        limits.threads = 20
        let seen = try Observation.of("short_threads", ["50", "20000", "50"], limits: limits)
        seen.expectTimeIsConserved()
        let lost = seen.losses.filter { $0.what == KernelLoss.limit.what }
        let watched = Set(seen.threads.values.map(\.thread)).count
        #expect(watched >= 20 && lost.reduce(0) { $0 + $1.count } + UInt64(watched) >= 51)
        #expect(lost.allSatisfy { $0.advice.contains("--max-threads") }, "\(lost)")
    }

    /// Of everything that runs: nothing is anybody's that is no thread, and nothing is larger than its second.
    @Test func everythingOnTheHost() throws {
        let scratch = try Scratch()
        let run = try RunningCommand.run([
            "record", "--all", "--interval", "300ms", "--duration", "900ms", "--output", scratch.path(),
        ])
        #expect(run.status == 0, "\(run.errors)")
        let recording = try Recording.open(scratch.path())
        let longest = try #require(try recording.ticks().map(\.duration).max())
        let totals = try recording.threadTotals()
        #expect(!totals.contains { $0.pid == 0 || $0.tid == 0 })
        let conservation = try recording.conservation()
        #expect(conservation.largestDeviation == 0 && conservation.waits == conservation.blocked)
        // A row's bounds are its own stamps, at most as far from the tick's as settling all threads takes.
        #expect(totals.allSatisfy { $0.sample.alive <= UInt64($0.ticks + 1) * longest * 2 })
        // Kernel threads that wait for work are said to do just that, and the report does not show them.
        let waits = try recording.waitTotals()
        let ofKernel = waits.filter { $0.kind == "kernel_thread" }
        #expect(ofKernel.contains { $0.comm == "kthreadd" }, "the kernel's own threads are there too")
        let report = try RunningCommand.run(["report", scratch.path()])
        #expect(report.status == 0)
        let shown = report.output.components(separatedBy: "\nTime\n")[0]
        let waiting = Set(ofKernel.map(\.thread))
        let idle = totals.filter { $0.sample.onCPU == 0 && waiting.contains($0.thread) }
        #expect(shown.contains("of the kernel that had nothing to do"))
        #expect(
            !idle.isEmpty && idle.allSatisfy { !shown.contains(" \($0.tid)  \($0.processComm)/") }, "\(shown)"
        )
    }

    @Test func sleepsOnOneCPUAndThenTheOther() throws {
        let seen = try Observation.of("states", ["move", "200"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("mover")
        let sleeps = seen.waits(tid: truth.tid).filter { $0.subject.kind == .sleep }
        let count = sleeps.reduce(0) { $0 + $1.count }
        #expect((truth.rounds ?? 0) <= count && count <= UInt64(truth.voluntary ?? 0))
        #expect(sleeps.allSatisfy { $0.longest <= truth.wait_ns ?? 0 })
        let byTimer = sleeps.filter { $0.waker.kind == .timer }.reduce(0) { $0 + $1.count }
        #expect(count - byTimer <= seen.unseenTurns, "\(sleeps.map { "\($0.waker.kind) \($0.count)" })")
    }

    /// What a process did stays when it has ended, beside five hundred that lived for a moment.
    @Test func whatEndedStays() throws {
        let program = try TestProgram("burner").path
        let script = "\(program) 1 300; i=0; while [ $i -lt 500 ]; do /bin/true; i=$((i + 1)); done"
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], limits: .roomy, printsTruth: true)
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("burner")
        #expect(seen.total(tid: truth.tid).alive >= (truth.end_ns ?? 0) - (truth.start_ns ?? 0))
        let children = seen.processes.values.filter { $0.parentPID == seen.pid && $0.comm == "true" }
        #expect(Set(children.map(\.process)).count == 500)
    }

    /// Both names of a thread with their times; the program, and not what loads it.
    @Test func namesChange() throws {
        let loader = "/lib64/ld-linux-x86-64.so.2"
        let program = try TestProgram("rename_thread").path
        let script = "\(program) 3 30; \(loader) /bin/sleep 0.3"
        let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("renamed")
        let versions = seen.threads.values.filter { $0.tid == truth.tid }.sorted { $0.id < $1.id }
        #expect(Set(versions.map(\.thread)).count == 1)
        #expect(versions.map(\.comm) == ["rename_thread", "phase-0", "phase-1", "phase-2"])
        #expect(zip(versions, versions.dropFirst()).allSatisfy { $0.since <= $1.since })
        let loaded = seen.processes.values.filter { $0.commandLine.contains("/bin/sleep 0.3") }
        #expect(loaded.contains { $0.executable.hasSuffix("/bin/sleep") }, "\(loaded)")
    }

    /// What is asked for by its name or cgroup is a target too if it comes later.
    @Test func whoComesLater() throws {
        let scratch = try Scratch()
        let name = "stall-\(getpid())"
        let program = scratch.path(name)
        try FileManager.default.copyItem(atPath: "/bin/sleep", toPath: program)
        let first = try RunningCommand(["60"], program: program)
        defer { first.end() }
        try waitUntilAsleep(first.pid, inCall: 230)
        let recorder = try RunningCommand([
            "record", "--comm", "^\(name)$", "--interval", "200ms", "--duration", "60s", "--output",
            scratch.path(),
        ])
        defer { recorder.end() }
        #expect(waits { (try? Recording.open(scratch.path()).ticks().count) ?? 0 >= 1 }, "no tick")
        let second = try RunningCommand(["60"], program: program)
        defer { second.end() }
        let other = try RunningCommand(["60"], program: "/bin/sleep")
        defer { other.end() }
        let isAdded = waits {
            (try? Recording.open(scratch.path()).targets().contains { $0.pid == UInt32(second.pid) }) ?? false
        }
        #expect(isAdded, "\(second.pid) does not become a target")
        recorder.send(SIGTERM)
        let ended = try recorder.wait()
        #expect(ended.status == 0, "\(ended.errors)")
        let recording = try Recording.open(scratch.path())
        let added = try recording.targets().filter { $0.event == "added" }
        #expect(Set(added.map(\.pid)) == [UInt32(first.pid), UInt32(second.pid)])
        #expect(added.allSatisfy { $0.reason == "comm matches '^\(name)$'" }, "\(added)")
        #expect(try recording.conservation().largestDeviation == 0)
    }
}
