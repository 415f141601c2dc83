import CommandRunning
import Foundation
import Model
import Testing

extension Proofs {
    /// What CPU quotas and limits of memory do to the cgroups of targets, beside the kernel's own files.
    @Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct LimitTests {
        private let scratch: Scratch
        init() throws { scratch = try Scratch() }

        @Test func aQuotaThatRunsOut() throws {
            let group = try #require(try QuotaGroup(cpus: 0.3))
            let burner = try TestProgram("burner").path
            // The first look at a cgroup begins its account, so there is one before the burner runs.
            let script = """
                echo $$ > \(group.directory)/cgroup.procs; sleep 1
                cat \(group.directory)/cpu.stat >\(scratch.path("before")); exec \(burner) 1 2000
                """
            let seen = try Observation.of(
                path: "/bin/sh", ["-c", script], interval: .milliseconds(200), printsTruth: true)
            let samples = seen.batches.flatMap(\.surroundings.cgroupCPU).filter { $0.cgroup == group.path }
            let throttled = samples.reduce(0) { $0 + $1.throttled }
            // From its end on nothing runs in it, and all of it was counted by then.
            let kernels = try group.throttledTime() - QuotaGroup.throttledTime(in: scratch.path("before"))
            #expect(kernels > 500_000_000)
            #expect(throttled <= kernels)
            // The last throttling may end after the last thread, when the recording is over.
            #expect(throttled + 100_000_000 >= kernels, "\(throttled) of \(kernels) ns")
            #expect(samples.allSatisfy { $0.quota == 30_000 && $0.period == 100_000 })
            #expect(samples.allSatisfy { $0.throttledPeriods <= $0.periods })
            #expect(samples.reduce(0) { $0 + $1.throttledPeriods } > 10)
        }

        /// The pages of a file that does not quite fit are taken away while they are in use, and read again.
        @Test func aFullCgroupThrashes() throws {
            let group = try #require(try MemoryGroup(bytes: 16 << 20))
            let (seen, counts) = try walk(in: group, rounds: 3, file: scratch.path("data"))
            seen.expectTimeIsConserved()
            let samples = seen.batches.flatMap(\.surroundings.cgroupMemory).filter { $0.cgroup == group.path }
            #expect(
                samples.allSatisfy { $0.max == 16 << 20 && $0.current <= 16 << 20 },
                "\(samples.map(\.current))")
            // The account begins while the file is written, and ends with the last tick.
            let met = samples.reduce(0) { $0 + $1.maxEvents }
            let refaults = samples.reduce(0) { $0 + $1.refaults }
            #expect(met <= counts.met && refaults <= counts.refaults, "\(met), \(refaults) of \(counts)")
            #expect(met + counts.metBefore + counts.met / 10 >= counts.met, "\(met) of \(counts)")
            #expect(refaults + counts.refaults / 10 >= counts.refaults, "\(refaults) of \(counts)")
            let tid = try seen.truth("walker").tid
            let thrashing = seen.waits(tid: tid).filter { $0.subject.kind == .thrashing }
            #expect(thrashing.reduce(0) { $0 + $1.total } > 0)
            let file = try seen.resource(ofMost: thrashing)
            #expect(file.path == scratch.path("data"))
        }

        @Test func whatIsSwappedOutIsSwappedIn() throws {
            let swap = try SwapFile(scratch.path("swap"), megabytes: 64)
            let group = try #require(try MemoryGroup(bytes: 16 << 20))
            let (seen, _) = try walk(in: group, rounds: 12, file: nil)
            seen.expectTimeIsConserved()
            let waits = seen.waits(tid: try seen.truth("walker").tid).filter { $0.subject.kind == .swapIn }
            // Each round reads what the one before pushed out, several pages at a time.
            #expect(waits.reduce(0) { $0 + $1.count } > 300)
            #expect(waits.allSatisfy { $0.subject.device != 0 && $0.subject.isIO })
            let samples = seen.batches.flatMap(\.surroundings.cgroupMemory).filter { $0.cgroup == group.path }
            #expect(samples.contains { $0.swap > 4 << 20 })
            withExtendedLifetime(swap) {}
        }

        private struct Counts {
            var metBefore, met, refaults: UInt64
        }

        /// Goes over 24 MB from a cgroup, and has the kernel's counters afterwards.
        private func walk(in group: MemoryGroup, rounds: Int, file: String?) throws -> (Observation, Counts) {
            let walker = try TestProgram("memory_rounds").path
            let write = file.map { "head -c \(24 << 20) /dev/urandom >\($0); sync -f \($0);" } ?? ""
            let script = """
                echo $$ > \(group.directory)/cgroup.procs; sleep 1; \(write)
                cat \(group.directory)/memory.failcnt >\(scratch.path("before"))
                exec \(walker) 24 \(rounds) \(file ?? "")
                """
            let seen = try Observation.of(
                path: "/bin/sh", ["-c", script], interval: .milliseconds(200), printsTruth: true)
            let stat = try String(contentsOfFile: "\(group.directory)/memory.stat", encoding: .utf8)
            let refaults = stat.split(separator: "\n").filter { $0.hasPrefix("workingset_refault_") }
                .compactMap { $0.split(separator: " ").last.flatMap { UInt64($0) } }.reduce(0, +)
            return (
                seen,
                Counts(
                    metBefore: try number(scratch.path("before")),
                    met: try number("\(group.directory)/memory.failcnt"),
                    refaults: refaults)
            )
        }

        private func number(_ path: String) throws -> UInt64 {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return try #require(UInt64(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
    }
}

/// A file that the host swaps to, as long as this lives.
private final class SwapFile {
    private let path: String

    init(_ path: String, megabytes: Int) throws {
        self.path = path
        try Self.run("dd", ["if=/dev/zero", "of=\(path)", "bs=1M", "count=\(megabytes)", "status=none"])
        try #require(chmod(path, 0o600) == 0)
        try Self.run("mkswap", [path])
        try Self.run("swapon", [path])
    }

    deinit {
        do { try Self.run("swapoff", [path]) } catch { print("still swapped to: \(path): \(error)") }
    }

    private static func run(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try tool(name))
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(name) failed")
    }
}
