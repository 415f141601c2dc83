import CommandRunning
import Foundation
import Model
import Probes
import Testing

/// What happens to files in the page cache: counts that nothing else can change.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct PageCacheTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// What was counted of a run of `page_cache` on a file, for that process.
    private func sum(_ seen: Observation) throws -> (sum: PageCacheSample, truth: Truth) {
        let truth = try #require(seen.truths.first { $0.event == "pages" })
        let samples = seen.batches.flatMap(\.pageCache).filter { sample in
            guard sample.pid == truth.pid, let file = seen.resources[sample.file] else { return false }
            return file.kind == .file && file.inode == truth.inode
        }
        #expect(!samples.isEmpty && samples.allSatisfy { $0.comm == "page_cache" }, "\(seen.name)")
        return (Self.sum(samples), truth)
    }

    private static func sum(_ samples: [PageCacheSample]) -> PageCacheSample {
        samples.reduce(into: PageCacheSample(pid: 0, comm: "", file: 0)) { sum, sample in
            sum.lookups = (sum.lookups ?? 0) + (sample.lookups ?? 0)
            sum.misses = (sum.misses ?? 0) + (sample.misses ?? 0)
            sum.readIn += sample.readIn
            sum.dirtied += sample.dirtied
            sum.written += sample.written
            sum.evicted += sample.evicted
        }
    }

    @Test func eachPageIsAMissAndWhoWritesDirties() throws {
        var limits = KernelPlane.Limits()
        limits.hasPageCache = true
        let path = scratch.path("data")
        let runs = try Observation.ofEach(
            ["cold", "random", "faults", "dirty"].map { ["page_cache", path, "1024", $0] }, limits: limits)
        // Without reading ahead every page is a miss, however the pages are asked for.
        for seen in runs[..<3] {
            let (sum, truth) = try sum(seen)
            // Where the kernel preempts a program, what another task on that CPU asks for meanwhile is not counted.
            let (lookups, misses) = (sum.lookups ?? 0, sum.misses ?? 0)
            #expect(0 < misses && misses <= lookups, "\(seen.name): \(sum)")
            #expect(lookups <= truth.lookups ?? 0, "\(seen.name): \(sum)")
            #expect(sum.dirtied == 0 && sum.evicted == 0, "\(seen.name): \(sum)")
        }
        let (sum, truth) = try sum(runs[3])
        #expect(sum.dirtied > 0 && sum.dirtied <= truth.dirtied ?? 0, "\(sum)")
        #expect(sum.lookups == 0 && sum.readIn == 0, "room for what is written is not read: \(sum)")
    }

    @Test func itIsLeftOutUnlessItIsAskedFor() throws {
        let seen = try Observation.of("page_cache", [scratch.path("data"), "64", "cold"])
        #expect(seen.batches.flatMap(\.pageCache).isEmpty && seen.batches.flatMap(\.residency).isEmpty)
    }
}
