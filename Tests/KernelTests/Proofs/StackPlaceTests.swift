import Foundation
import Model
import Probes
import Testing

@testable import ProcFS

extension Proofs {
    /// Where in a program threads wait, and from where they are woken.  The program's own words are the truth.
    @Suite(.needsKernel, .serialized) struct StackPlaceTests {
        private static let limits = {
            var limits = KernelPlane.Limits()
            limits.hasStacks = true
            return limits
        }()

        /// Long enough for the collector to look at it while it is there, also on a busy machine.
        private static let arguments = ["20", "60"]

        private static func observe(_ path: String, jit: Bool = false) throws -> Observation {
            try Observation.of(
                path: path, arguments + (jit ? ["jit"] : []), interval: .milliseconds(200),
                limits: limits, printsTruth: true)
        }

        private static func stacks(_ seen: Observation) -> [Int64: CallStack] {
            Dictionary(
                seen.batches.flatMap(\.stacks).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }

        /// The resource that the waiter waits for in the two functions, and nowhere else.
        private static func futex(_ seen: Observation) throws -> Int64 {
            let told = try #require(seen.truths.first { $0.event == "futex" })
            let identity = "\(try #require(told.pid)):\(try #require(told.address))"
            return try #require(seen.batches.flatMap(\.resources).first { $0.identity == identity }).id
        }

        private static func waits(_ seen: Observation) throws -> [(sample: StackWaitSample, stack: CallStack)]
        {
            let (futex, stacks) = (try futex(seen), stacks(seen))
            return seen.batches.flatMap(\.stackWaits).compactMap { entry in
                guard entry.sample.resource == futex, let stack = stacks[entry.sample.stack] else {
                    return nil
                }
                return (entry.sample, stack)
            }
        }

        /// The waits that the program measured have the stack that they were in, and their wakers theirs.
        @Test func waiterAndReleaserAreWhereTheySayTheyAre() throws {
            let seen = try Self.observe(TestProgram("stack_pair").path)
            seen.expectTimeIsConserved()
            #expect(seen.losses.isEmpty, "\(seen.losses)")
            let waits = try Self.waits(seen)
            for wait in waits {
                let folded = wait.stack.folded
                #expect(folded.contains("wait_for_it;waits_outside;waits_inside;"), "\(folded)")
                #expect(folded.contains("futex_wait") && !folded.contains("bpf_"), "\(folded)")
            }
            let measured = try #require(seen.truths.first { $0.role == "waiter" }?.wait_ns)
            let futex = try Self.futex(seen)
            let plain = seen.batches.flatMap(\.waits).filter { $0.wait.subject.resource == futex }
            let total = waits.reduce(0) { $0 + $1.sample.total }
            #expect(total > 0 && total <= measured, "\(total) of \(measured) ns")
            #expect(isClose(total, plain.reduce(0) { $0 + $1.wait.total }, within: 0.01, slack: 2_000_000))

            let stacks = Self.stacks(seen)
            let releaser = seen.truths.first { $0.role == "releaser" }?.tid
            let ended = waits.filter { $0.sample.count > 0 && $0.sample.waker.kind == .thread }
            #expect(!ended.isEmpty)
            for wait in ended {
                let folded = stacks[wait.sample.wakerStack]?.folded ?? ""
                #expect(wait.sample.waker.tid == releaser)
                #expect(folded.contains("release;shop::Queue::release();releases_inside;"), "\(folded)")
                #expect(folded.contains("futex_wake"), "\(folded)")
            }
        }

        /// A thread's waits by stack add up to its blocked time.
        @Test func waitsByStackAddUpToTheWaits() throws {
            let seen = try Observation.of("futex_crowd", ["6", "30", "10"], limits: Self.limits)
            var (byStack, blocked): ([Int64: UInt64], [Int64: UInt64]) = ([:], [:])
            for batch in seen.batches {
                for (thread, sample) in batch.stackWaits { byStack[thread, default: 0] += sample.total }
            }
            for row in seen.rows { blocked[row.thread.id, default: 0] += row.sample.blocked }
            #expect(blocked.count >= 6)
            for (thread, time) in blocked {
                #expect(
                    isClose(byStack[thread] ?? 0, time, within: 0.001, slack: 2_000_000),
                    "\(byStack[thread] ?? 0) of \(time) ns")
            }
        }

        /// A stripped program has no names, but places in its file, which those who have the symbols can look up.
        @Test(.enabled(if: access("/usr/bin/strip", X_OK) == 0, "needs strip(1)"))
        func withoutSymbolsThereArePlacesInTheFile() throws {
            let whole = try TestProgram("stack_pair").path
            let stripped = FileManager.default.temporaryDirectory.appending(
                path: "stripped-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: stripped) }
            try StackTestTools.run("/usr/bin/strip", ["-o", stripped.path, whole])
            let seen = try Self.observe(stripped.path)
            let frames = Dictionary(
                seen.batches.flatMap(\.frames).map { ($0.id, $0.frame) },
                uniquingKeysWith: { first, _ in first })
            let symbols = try SymbolTable(path: whole)
            let waits = try Self.waits(seen)
            #expect(!waits.isEmpty)
            for wait in waits {
                let own = wait.stack.frames.compactMap { frames[$0] }.filter {
                    $0.module == stripped.lastPathComponent
                }
                #expect(own.allSatisfy { $0.function.isEmpty }, "\(own)")
                #expect(
                    own.map { symbols.symbol(containing: $0.address)?.name } == [
                        "waits_inside", "waits_outside", "wait_for_it",
                    ], "\(own)")
            }
        }

        /// Code that is made while the program runs has the name that its perf map gives it.
        @Test func codeThatIsMadeAtRunTimeHasItsName() throws {
            let seen = try Self.observe(TestProgram("stack_pair").path, jit: true)
            let waits = try Self.waits(seen)
            #expect(!waits.isEmpty)
            for wait in waits {
                #expect(
                    wait.stack.folded.contains("wait_for_it;made while it runs;waits_outside;waits_inside;"),
                    "\(wait.stack.folded)")
            }
        }
    }
}

enum StackTestTools {
    static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(path) failed")
    }
}
