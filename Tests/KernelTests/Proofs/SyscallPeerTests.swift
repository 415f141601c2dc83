import CommandRunning
import Foundation
import Model
import Probes
import Testing

extension Proofs {
    /// strace and perf count the same calls of the same threads at the same time.
    @Suite(.needsKernel, .serialized) struct SyscallPeerTests {
        private let scratch: Scratch
        init() throws { scratch = try Scratch() }

        private func run(_ tool: String) throws -> (seen: Observation, truths: [Truth], output: String) {
            let program = try TestProgram("syscall_mix").path
            var limits = KernelPlane.Limits()
            limits.syscalls = KernelPlane.Limits.allSyscalls
            let (output, truth) = (scratch.path("output"), scratch.path("truth"))
            let seen = try Observation.of(
                path: "/bin/sh",
                ["-c", "\(tool) -o \(output) \(program) 200 >\(truth) 2>\(scratch.path("errors"))"],
                limits: limits)
            #expect(seen.losses.isEmpty)
            let truths = try Truth.lines(Data(contentsOf: URL(fileURLWithPath: truth)))
            return (seen, truths, try String(contentsOfFile: output, encoding: .utf8))
        }

        /// What strace's child does until it becomes the program is counted by us alone.
        private static let beforeExec: Set = [
            "close", "dup2", "execve", "fcntl", "geteuid", "getpid", "gettid", "kill", "prctl", "ptrace",
            "read",
            "rt_sigaction", "rt_sigprocmask", "set_robust_list", "write",
        ]

        @Test(.needsPeer("strace")) func strace() throws {
            let (seen, truths, output) = try run("\(tool("strace")) -c -f")
            let pid = try #require(truths.first?.pid)
            let processes = seen.processes
            let threads = Set(seen.threads.values.filter { processes[$0.process]?.pid == pid }.map(\.id))
            var sums: [Int16: SyscallSample] = [:]
            for (thread, sample) in seen.batches.flatMap(\.syscalls) where threads.contains(thread) {
                sums[sample.syscall, default: SyscallSample(syscall: sample.syscall)] += sample
            }
            var compared = 0
            for row in Self.rows(ofStrace: output) where !Self.beforeExec.contains(row.name) {
                let ours = sums[Int16(SyscallTests.number(row.name))]
                #expect(
                    ours?.calls == row.calls && ours?.errors == row.errors,
                    "\(row) and \(String(describing: ours))")
                compared += 1
            }
            #expect(compared >= 15, "\(output)")
        }

        /// perf has the time from one tracepoint to the other too, and an interrupt may come between its program and ours.
        /// It drops events when it falls behind, so it may have counted less; never more.
        @Test(.needsPeer("perf")) func perfTrace() throws {
            let (seen, truths, output) = try run("\(tool("perf")) trace -m 16M -s")
            let tid = try #require(truths.first { $0.role == "caller" && $0.event == "thread" }?.tid)
            let rows = Self.rows(ofPerf: output, tid: tid)
            #expect(rows.count >= 15, "\(output)")
            var compared = 0
            for row in rows {
                let ours = seen.calls(row.name, tid: tid)
                // The return into a new thread has no beginning.
                guard row.name != "clone3" else { continue }
                #expect(row.calls <= ours.calls && row.errors <= ours.errors, "\(row) and \(ours)")
                guard row.calls == ours.calls else { continue }
                #expect(ours.errors == row.errors, "\(row) and \(ours)")
                #expect(
                    isClose(ours.total, row.total, within: 0.1, slack: 20_000_000 + row.calls * 2000),
                    "\(ours.total) of \(row)")
                compared += 1
            }
            #expect(compared >= 8, "\(output)")
        }

        // MARK: What the tools print

        /// `% time, seconds, usecs/call, calls, errors (may be left out), name`
        private static func rows(ofStrace text: String) -> [(name: String, calls: UInt64, errors: UInt64)] {
            text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard words.count == 5 || words.count == 6, Double(words[0]) != nil,
                    let calls = UInt64(words[3]),
                    let name = words.last, name != "total"
                else { return nil }
                return (String(name), calls, words.count == 6 ? UInt64(words[4]) ?? 0 : 0)
            }
        }

        /// ` name (tid), ...`, then `name, calls, errors, total in ms, ...`.
        private static func rows(
            ofPerf text: String, tid: UInt32
        ) -> [(name: String, calls: UInt64, errors: UInt64, total: UInt64)] {
            var isWanted = false
            return text.split(separator: "\n").compactMap { line in
                if line.contains(" events, ") { isWanted = line.contains("(\(tid)),") }
                let words = line.split(separator: " ")
                guard isWanted, words.count >= 7, let calls = UInt64(words[1]), let errors = UInt64(words[2]),
                    let total = Double(words[3])
                else { return nil }
                return (String(words[0]), calls, errors, UInt64(total * 1e6))
            }
        }
    }
}
