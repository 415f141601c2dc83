import CommandRunning
import Foundation
import Model
import Testing

extension Proofs {
    /// Waits for what the kernel itself is short of: its locks, and memory.
    @Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct KernelWaitTests {
        private let scratch: Scratch
        init() throws { scratch = try Scratch() }

        /// Four threads append to one file, and hold its lock while the disk works.
        @Test(arguments: ["inode", "mmap"]) func locks(which: String) throws {
            let seen = try Observation.of("lock_contention", ["4", "600", which, scratch.path("data")])
            seen.expectTimeIsConserved()
            #expect(seen.losses.isEmpty)
            let contenders = seen.truths.filter { $0.role == "contender" && $0.event == "thread" }
            let tids = Set(contenders.compactMap(\.tid))
            #expect(tids.count == 4)
            let waits = tids.flatMap { tid in seen.waits(tid: tid).filter { $0.subject.kind == .kernelLock } }
            let total = waits.reduce(0) { $0 + $1.total }
            // The file system has other locks than the inode's that these calls need.
            let byLock = Dictionary(grouping: waits, by: \.subject.resource)
                .mapValues { $0.reduce(0) { $0 + $1.total } }
            let first = try #require(byLock.max { $0.value < $1.value })
            #expect(first.value > total / 2, "\(byLock)")
            #expect(byLock.keys.allSatisfy { seen.resources[$0]?.kind == .kernelLock })
            #expect(waits.allSatisfy { $0.subject.device == 0 })
            // Three of four wait at any time; the lock's mapping is held for less long, and mostly spun for.
            #expect(total > (which == "inode" ? 1_200_000_000 : 1_000_000), "\(total)")
            let byContenders = waits.filter { tids.contains($0.waker.tid) }.reduce(0) { $0 + $1.count }
            let ended = waits.reduce(0) { $0 + $1.count }
            #expect(byContenders >= ended * 9 / 10, "\(byContenders) of \(ended)")
        }

        /// A cgroup whose memory is full of pages that are still to be written: its processes wait for their own reclaim.
        @Test func aFullCgroupMakesItsProcessesReclaim() throws {
            guard let group = try MemoryGroup(bytes: 16 << 20) else { return }
            let file = scratch.path("data")
            let script = """
                echo $$ > \(group.directory)/cgroup.procs
                exec dd if=/dev/zero of=\(file) bs=1M count=96
                """
            let seen = try Observation.of(path: "/bin/sh", ["-c", script])
            seen.expectTimeIsConserved()
            let waits = seen.batches.flatMap(\.waits).map(\.wait).filter { $0.subject.kind == .groupReclaim }
            #expect(waits.reduce(0) { $0 + $1.total } > 0)
            let memory = try seen.resource(ofMost: waits)
            #expect(memory.kind == .memory && memory.name == "memory within a cgroup's limit")
        }
    }
}
