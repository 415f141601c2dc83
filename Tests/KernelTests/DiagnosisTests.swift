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
    @Test(arguments: [8]) func blameAddsUpToTheWaits(waiters: Int) throws {
        let program = try TestProgram("lock_chain").path
        let run = try RunningCommand.run(
            [
                "record", "--intervals", "full", "--output", scratch.path(), "--", program, "\(waiters)",
                "5", "20",
            ])
        #expect(run.status == 0, "\(run.errors)")
        let truths = try Truth.lines(Data(run.output.utf8)).filter { $0.role == "waiter" }
        #expect(truths.count == waiters)
        let waited = truths.reduce(0) { $0 + ($1.wait_ns ?? 0) }
        let findings = try diagnose(entry: "waiter")
        // Whatever the lock's holder is held up by: on a busy machine much of it is waiting for a CPU, as the waiters do themselves.
        let blamed = findings.causes.reduce(0) { $0 + $1.time }
        let causes = findings.causes.map { "\($0.identity) via \($0.via): \($0.time)" }.joined(
            separator: "; ")
        let asleep = truths.reduce(0) { $0 + ($1.asleep_ns ?? 0) }
        let sql = "SELECT sum(alive_ns) FROM thread_seconds WHERE comm = 'waiter'"
        let row = try #require(try Recording.open(scratch.path()).query(sql).rows.first)
        guard case .integer(let alive)? = row.first else {
            Issue.record("no time alive: \(row)")
            return
        }
        #expect(
            asleep > 0 && asleep <= blamed && blamed <= UInt64(alive),
            "\(asleep) <= \(blamed) <= \(alive) ns: \(causes)")
        let child = findings.causes.filter { $0.kind == .onCPU && $0.culprit.comm == "computes" }
        #expect(child.reduce(0) { $0 + $1.time } <= waited, "no more than was waited")
        let path = try #require(child.max { $0.time < $1.time }).path
        // A waiter that had the lock in between is one hop more.
        let kinds = path.map(\.waitKind)
        #expect(kinds.first == "futex" && kinds.first { $0 != "futex" } == "pipe", "\(kinds)")
    }

    @Test func aDeadlockIsToldAsOne() throws {
        let program = try RunningCommand(["deadlock"], program: TestProgram("lock_chain").path)
        defer { program.end() }
        #expect(waits { lockersOf(program.pid) == 2 }, "they do not lock each other out")
        let run = try RunningCommand.run(
            ["record", "--pid", "\(program.pid)", "--duration", "500ms", "--output", scratch.path()])
        #expect(run.status == 0, "\(run.errors)")
        let recording = try Recording.open(scratch.path())
        #expect(try recording.heldLocks().count >= 2)
        let answer = try RunningCommand.run(["diagnose", scratch.path(), "--json"])
        #expect(answer.status == 0, "\(answer.errors)")
        let json = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
        let verdict = json?["verdict"] as? [String: Any]
        #expect(verdict?["class"] as? String == "deadlock", "\(answer.output)")
    }

    /// Threads that sleep in futex(FUTEX_WAIT) on the mutexes: all but the one that joins them, which waits on shared memory.
    private func lockersOf(_ pid: pid_t) -> Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.count { task in
            let text = try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/syscall", encoding: .utf8)
            let words = text?.split(separator: " ") ?? []
            return words.count > 2 && words[0] == "202" && words[2] == "0x80"
        }
    }

    @Test func whatRestsIsNotHeldUp() throws {
        let program = try RunningCommand(["60"], program: "/bin/sleep")
        defer { program.end() }
        let answer = try RunningCommand.run(["diagnose", "--pid", "\(program.pid)", "--duration", "500ms"])
        #expect(answer.status == 3, "\(answer.errors)")
        #expect(answer.output.hasPrefix("No "))
    }

    /// Only an orderly end stores what threads still wait for.
    @Test func whatAKilledRecorderSawAsleepDoesNotCompute() throws {
        let program = try RunningCommand(["50", "30000", "20000"], program: TestProgram("idle_threads").path)
        defer { program.end() }
        let recorder = try RunningCommand(
            ["record", "--pid", "\(program.pid)", "--interval", "100ms", "--output", scratch.path()])
        let path = scratch.path()
        #expect(waits { (try? Recording.open(path).ticks().count) ?? 0 >= 8 })
        recorder.send(SIGKILL)
        #expect(try recorder.wait().status == -SIGKILL)
        let answer = try RunningCommand.run(["diagnose", path])
        #expect(answer.status == 3, "\(answer.output)")
    }

    @Test func aRecordingWithoutIntervalsCannotBeDiagnosed() throws {
        let run = try RunningCommand.run(
            ["record", "--intervals", "off", "--output", scratch.path(), "--", "sleep", "0.05"])
        #expect(run.status == 0)
        let answer = try RunningCommand.run(["diagnose", scratch.path()])
        #expect(answer.status != 0 && answer.status != 3)
        #expect(answer.errors.contains("--intervals"))
    }
}
