import CommandRunning
import Foundation
import Model
import Probes
import Testing

extension Proofs {
    /// What happens to files in the page cache, beside programs that know it.
    @Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct PageCacheShareTests {
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

        /// What a call puts there to write to it is not read in, though the call may read as well.
        @Test func whatIsWrittenByAIOIsHit() throws {
            let (sum, _, truth, _) = try run("aio")
            #expect(sum.lookups == truth.lookups && sum.hits == truth.lookups, "\(sum)")
            #expect(sum.readIn == 0 && sum.dirtied == truth.dirtied, "\(sum)")
        }

        /// The pages that were asked for when they were not there are misses; those that were read beside them became hits.
        @Test func whatIsReadAheadIsHitLater() throws {
            let (sum, _, truth, _) = try run("ahead")
            #expect(sum.lookups == truth.lookups)
            #expect(sum.readIn == truth.lookups, "each page is read in once: \(sum)")
            let readAhead = try #require(sum.readAhead)
            #expect(readAhead >= 512, "\(sum)")
            #expect(try #require(sum.hits) >= readAhead, "\(sum)")
        }

        @Test func whatIsReadAgainIsHit() throws {
            let (sum, _, truth, _) = try run("warm")
            #expect(sum.lookups == truth.lookups && truth.lookups == 2048)
            #expect(sum.readIn == 1024, "\(sum)")
            #expect(try #require(sum.hits) >= 1024, "\(sum)")
        }

        @Test func whoSyncsWritesBack() throws {
            let (sum, all, truth, _) = try run("sync")
            #expect(sum.dirtied == truth.dirtied, "\(sum)")
            #expect(sum.written <= 1024, "\(sum)")
            // The process that made the file has written each page too, and the kernel's own threads may have been faster
            // with some.
            #expect(all.dirtied == 2048 && all.written == 2048, "\(all)")
        }

        /// Its maker has the kernel drop the file.
        @Test func whoDropsAFileEvictsIt() throws {
            let (sum, all, _, _) = try run("cold")
            #expect(sum.evicted == 0 && all.evicted == 1024, "\(sum), \(all)")
        }

        @Test func truncatedPagesAreEvicted() throws {
            let (sum, _, truth, _) = try run("truncate")
            #expect(sum.evicted == truth.evicted, "\(sum)")
            #expect(sum.readIn == truth.lookups)
        }

        /// A wait for a page that is not there names the same file.
        @Test func waitsAreForTheFile() throws {
            let (_, _, truth, seen) = try run("cold")
            let file = seen.batches.flatMap(\.resources).first { $0.inode == truth.inode && $0.kind == .file }
            let waits = seen.batches.flatMap(\.waits).map(\.wait).filter { $0.subject.resource == file?.id }
            #expect(waits.contains { $0.subject.kind == .fileRead && $0.total > 0 })
        }

        /// What fincore(1) counts with mincore(2), and vmtouch(8) where it is installed.
        @Test(arguments: ["random", "dirty", "truncate"]) func residencyIsWhatOthersCount(how: String) throws
        {
            let (_, _, truth, seen) = try run(how)
            let file = seen.batches.flatMap(\.resources).first { $0.inode == truth.inode && $0.kind == .file }
            let last = try #require(seen.batches.flatMap(\.residency).last { $0.file == file?.id })
            let path = scratch.path("data")
            let fincore = try RunningCommand.run(
                ["--raw", "--bytes", "--noheadings", "--output", "PAGES,SIZE", path],
                program: try tool("fincore"))
            let fields = fincore.output.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
            #expect(fields == [last.cached, last.size], "\(fincore.output) \(fincore.errors), \(last)")
            // The kernel may have begun to write them back.
            #expect(how == "dirty" ? last.dirty + last.underWriteBack > 0 : last.dirty == 0, "\(last)")
            guard let vmtouch = findTool("vmtouch") else { return }
            let touched = try RunningCommand.run([path], program: vmtouch).output
            let pages = touched.split(separator: "\n").first { $0.contains("Resident Pages:") }
            #expect(pages?.contains(" \(last.cached)/") == true, "\(touched), \(last)")
        }
    }
}
