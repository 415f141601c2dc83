import CommandRunning
import Diagnosis
import Foundation
import Recording
import Testing

extension Proofs {
    /// How much of what threads waited is put down to whom, beside what they measured.
    @Suite(.needsKernel, .serialized) struct BlameTests {
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
    }
}
