import CommandRunning
import Foundation
import Model
import Testing

extension Proofs {
    /// How the time in the run queue is shared among those who had the CPU.
    @Suite(.needsKernel, .serialized) struct OccupantShareTests {
        /// Threads of one process on one CPU: each is kept waiting by the others, and by all of them about equally.
        @Test(arguments: [2, 3]) func spinnersOnOneCPUNameEachOther(count: Int) throws {
            let program = try TestProgram("burner").path
            let seen = try Observation.of(
                path: "taskset", ["-c", "1", program, "\(count)", "1500"], printsTruth: true)
            seen.expectTimeIsConserved()
            let tids = seen.truths.filter { $0.role == "burner" }.compactMap(\.tid)
            #expect(tids.count == count)
            for tid in tids {
                let held = seen.occupants(ofTID: tid)
                let total = held.reduce(0) { $0 + $1.total }
                var shares: [UInt32: UInt64] = [:]
                for sample in held { shares[sample.occupant.tid, default: 0] += sample.total }
                let others = tids.filter { $0 != tid }
                let byOthers = others.reduce(0) { $0 + shares[$1, default: 0] }
                let unnamed = held.filter { $0.occupant.tid == 0 && $0.occupant.pid == seen.pid }
                    .reduce(0) { $0 + $1.total }
                #expect(total > 400_000_000)
                for other in others {
                    // It waits whenever another runs.  Whoever else lives on this machine takes a part as well, and
                    // of turns far back only the process is named.
                    let ran = seen.total(tid: other).onCPU, slack = ran / 20 + 20_000_000
                    let held = shares[other, default: 0]
                    #expect(
                        held <= ran + slack && held + unnamed + slack >= ran,
                        "\(held), \(unnamed) of \(ran) ns")
                    #expect(held > byOthers / UInt64(2 * others.count), "\(shares)")
                }
                #expect(shares[tid] == nil, "nobody waits for itself")
                for sample in held where others.contains(sample.occupant.tid) {
                    #expect(sample.occupant.kind == .thread && sample.occupant.comm == "burner")
                    #expect(sample.occupant.pid == seen.pid)
                }
                let unknown = held.filter { $0.occupant.kind == .unknown }.reduce(0) { $0 + $1.total }
                #expect(unknown < total / 50, "\(unknown) of \(total) ns")
            }
        }

        /// A thread that sleeps and wakes on a CPU that has nothing else to do is kept waiting by nobody.
        @Test func anIdleCPUIsNobody() throws {
            let program = try TestProgram("sleeper").path
            let scratch = try Scratch()
            let script = """
                cp /proc/stat \(scratch.path("before")); taskset -c 1 \(program) 100 5
                cp /proc/stat \(scratch.path("after"))
                """
            let seen = try Observation.of(path: "/bin/sh", ["-c", script], printsTruth: true)
            let truth = try seen.truth("sleeper")
            let idleTime =
                try idle(ofCPU: 1, in: scratch.path("after")) - idle(ofCPU: 1, in: scratch.path("before"))
            let idleShare = Double(idleTime) / Double((truth.end_ns ?? 0) - (truth.start_ns ?? 0))
            seen.expectTimeIsConserved()
            let held = seen.occupants(ofTID: try seen.truth("sleeper").tid)
            let byThreads = held.filter { $0.occupant.kind == .thread }.reduce(0) { $0 + $1.count }
            // Other programs run on this machine, too: as many of a hundred wakings meet one as the CPU is busy.  For
            // the others the kernel counts no time at all, or a microsecond of latency.
            #expect(
                Double(byThreads) <= 100 * (1 - idleShare) + 30,
                "idle for \(idleShare): \(held.map { "\($0.occupant.kind) \($0.occupant.comm) \($0.count)" })"
            )
            let latency = held.filter { $0.occupant.kind == .latency }.reduce(0) { $0 + $1.total }
            #expect(latency < 10_000_000)
            #expect(held.allSatisfy { $0.occupant.kind != .quota })
        }

        /// Nanoseconds since boot, counted in ticks of 10 ms.
        private func idle(ofCPU cpu: Int, in stat: String) throws -> UInt64 {
            let lines = try String(contentsOfFile: stat, encoding: .utf8).split(separator: "\n")
            let fields = try #require(lines.first { $0.hasPrefix("cpu\(cpu) ") }).split(separator: " ")
            return ((UInt64(fields[4]) ?? 0) + (UInt64(fields[5]) ?? 0)) * 10_000_000
        }
    }
}
