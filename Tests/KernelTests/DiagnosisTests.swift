import CommandRunning
import Diagnosis
import Foundation
import Recording
import Testing

/// From the kernel to the verdict, with programs that know what they wait for.
@Suite(.needsKernel, .serialized) struct DiagnosisTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Of the recording in `scratch`, with the threads of this name as those that serve.
    private func diagnose(entry: String) throws -> Findings {
        let evidence = try Recording.open(scratch.path()).evidence()
        let entries = evidence.threads.indices.filter { evidence.threads[$0].comm == entry }
        try #require(!entries.isEmpty, "no thread is called \(entry)")
        return Diagnoser(evidence, entryThreads: entries.map(Int32.init)).diagnose()
    }

    /// Each of N threads waits for one mutex, whose holder waits for a child that computes.  What they waited is the child's,
    /// N times over, and no more than that.
    @Test(arguments: [1, 8]) func blameAddsUpToTheWaits(waiters: Int) throws {
        let program = try TestProgram("lock_chain").path
        let run = try RunningCommand.run(
            [
                "record", "--intervals", "full", "--output", scratch.path(), "--", program, "\(waiters)",
                "10", "80",
            ])
        #expect(run.status == 0, "\(run.errors)")
        let truths = try Truth.lines(Data(run.output.utf8)).filter { $0.role == "waiter" }
        #expect(truths.count == waiters)
        let waited = truths.reduce(0) { $0 + ($1.wait_ns ?? 0) }
        let findings = try diagnose(entry: "waiter")
        let throughLock = findings.causes.filter { $0.via == "futex" }
        let blamed = throughLock.reduce(0) { $0 + $1.time }
        // Other futexes (the barriers) are waited for as well, and the program's own look at the clock lies outside of ours.
        #expect(blamed >= waited - waited / 50 - UInt64(waiters) * 1_000_000, "\(blamed) of \(waited) ns")
        let child = findings.causes.filter { $0.kind == .onCPU && $0.culprit.comm == "computes" }
        let computed = child.reduce(0) { $0 + $1.time }
        #expect(computed <= waited + waited / 50, "\(computed) of \(waited) ns")
        // It may have to wait for a CPU itself, which is somebody else's then.
        let queued = findings.causes.filter { $0.kind == .cpuContention }.reduce(0) { $0 + $1.time }
        #expect(computed + queued >= waited - waited / 10, "\(computed) + \(queued) of \(waited) ns")
        #expect(findings.coverage.unattributed < 0.05)
        let path = try #require(child.max { $0.time < $1.time }).path
        #expect(path.map(\.waitKind).prefix(2) == ["futex", "pipe"])
    }

    @Test func aDeadlockIsToldAsOne() throws {
        let program = try RunningCommand(["deadlock"], program: TestProgram("lock_chain").path)
        defer { program.end() }
        let run = try RunningCommand.run(
            ["record", "--pid", "\(program.pid)", "--duration", "2s", "--output", scratch.path()])
        #expect(run.status == 0, "\(run.errors)")
        let recording = try Recording.open(scratch.path())
        #expect(try recording.heldLocks().count >= 2)
        let answer = try RunningCommand.run(["diagnose", scratch.path(), "--json"])
        #expect(answer.status == 0, "\(answer.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
        let verdict = json?["verdict"] as? [String: Any]
        #expect(verdict?["class"] as? String == "deadlock", "\(answer.output)")
    }

    @Test func whatRestsIsNotHeldUp() throws {
        let program = try RunningCommand(["60"], program: "/bin/sleep")
        defer { program.end() }
        let answer = try RunningCommand.run(["diagnose", "--pid", "\(program.pid)", "--duration", "1s"])
        #expect(answer.status == 3, "\(answer.errors)")
        #expect(answer.output.hasPrefix("No "))
    }

    /// Only an orderly end stores what threads still wait for.
    @Test func whatAKilledRecorderSawAsleepDoesNotCompute() throws {
        let program = try RunningCommand(["50", "30000", "20000"], program: TestProgram("idle_threads").path)
        defer { program.end() }
        let recorder = try RunningCommand(
            ["record", "--pid", "\(program.pid)", "--interval", "200ms", "--output", scratch.path()])
        let path = scratch.path()
        #expect(waits { (try? Recording.open(path).ticks().count) ?? 0 >= 8 })
        recorder.send(SIGKILL)
        #expect(try recorder.wait().status == -SIGKILL)
        let answer = try RunningCommand.run(["diagnose", path])
        #expect(answer.status == 3, "\(answer.output)")
    }

    @Test func aRecordingWithoutIntervalsCannotBeDiagnosed() throws {
        let run = try RunningCommand.run(
            ["record", "--intervals", "off", "--output", scratch.path(), "--", "sleep", "0.2"])
        #expect(run.status == 0)
        let answer = try RunningCommand.run(["diagnose", scratch.path()])
        #expect(answer.status != 0 && answer.status != 3)
        #expect(answer.errors.contains("--intervals"))
    }
}
