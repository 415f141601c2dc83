import CommandRunning
import Foundation
import Model
import Probes
import Testing

/// What happens to files in the page cache: counts that nothing else can change.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct PageCacheTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// A run of `page_cache` on a file of so many pages: what was counted of that file for that process, and its truth.
    private func run(_ how: String, pages: UInt64 = 1024) throws -> (
        sum: PageCacheSample, all: PageCacheSample, truth: Truth, seen: Observation
    ) {
        var limits = KernelPlane.Limits()
        limits.hasPageCache = true
        let path = scratch.path("data")
        let seen = try Observation.of("page_cache", [path, "\(pages)", how], limits: limits)
        #expect(seen.losses.isEmpty)
        seen.expectTimeIsConserved()
        let truth = try #require(seen.truths.first { $0.event == "pages" })
        let file = try #require(
            seen.batches.flatMap(\.resources).first { $0.kind == .file && $0.inode == truth.inode })
        #expect(file.path == path && file.name == path)
        let samples = seen.batches.flatMap(\.pageCache).filter { $0.file == file.id }
        let own = samples.filter { $0.pid == truth.pid }
        #expect(own.allSatisfy { $0.comm == "page_cache" })
        return (Self.sum(own), Self.sum(samples), truth, seen)
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

    /// Without reading ahead every page is a miss, however the pages are asked for.
    @Test(arguments: ["cold", "random", "faults"]) func eachPageIsAMiss(how: String) throws {
        let (sum, _, truth, _) = try run(how)
        #expect(sum.lookups == truth.lookups, "\(sum)")
        #expect(sum.misses == truth.lookups, "\(sum)")
        #expect(sum.hits == 0 && sum.readAhead == 0, "\(sum)")
        #expect(sum.dirtied == 0 && sum.evicted == 0)
    }

    @Test func dirtyPagesAreWhoseWhoWrites() throws {
        let (sum, _, truth, _) = try run("dirty")
        #expect(sum.dirtied == truth.dirtied, "\(sum)")
        #expect(sum.lookups == 0 && sum.readIn == 0, "room for what is written is not read: \(sum)")
    }

    @Test func itIsLeftOutUnlessItIsAskedFor() throws {
        let seen = try Observation.of("page_cache", [scratch.path("data"), "64", "cold"])
        #expect(seen.batches.flatMap(\.pageCache).isEmpty && seen.batches.flatMap(\.residency).isEmpty)
    }
}
