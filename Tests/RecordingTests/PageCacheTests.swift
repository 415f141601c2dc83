import Model
import Testing

@testable import Recording

@Suite struct PageCacheTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static func sample(_ pid: UInt32, lookups: UInt64?, misses: UInt64?, readIn: UInt64)
        -> PageCacheSample
    {
        var sample = PageCacheSample(pid: pid, comm: pid == 0 ? "" : "reader", file: 3)
        (sample.lookups, sample.misses, sample.readIn) = (lookups, misses, readIn)
        (sample.dirtied, sample.written, sample.evicted) = (4, 5, 6)
        return sample
    }

    private func recording(lookups: UInt64?, misses: UInt64?) throws -> Recording {
        var first = Fixture.firstBatch()
        first.resources = [
            Resource(
                id: 3, kind: .file, identity: "254:1:77", name: "/srv/data", since: Fixture.start, pid: 9)
        ]
        first.pageCache = [
            Self.sample(9, lookups: lookups, misses: misses, readIn: 30),
            Self.sample(0, lookups: lookups.map { _ in 0 }, misses: misses.map { _ in 0 }, readIn: 0),
        ]
        first.residency = [
            ResidencySample(file: 3, size: 9000, cached: 1, dirty: 1, underWriteBack: 0)
        ]
        var second = Fixture.batch(2)
        second.pageCache = [Self.sample(9, lookups: lookups, misses: misses, readIn: 30)]
        second.residency = [
            ResidencySample(file: 3, size: 9000, cached: 3, dirty: 2, underWriteBack: 1)
        ]
        return try Fixture.recording(scratch, [first, second])
    }

    @Test func everyColumnComesBack() throws {
        let recording = try recording(lookups: 100, misses: 20)
        let rows = try recording.query(
            """
            SELECT lookups, hits, misses, read_in, read_ahead, dirtied, written, evicted, hit_ratio, resource_id, file
            FROM page_cache WHERE tick = 1 AND pid = 9 AND comm = 'reader'
            """
        ).rows
        #expect(rows.count == 1)
        #expect(
            rows.first == [100, 80, 20, 30, 10, 4, 5, 6].map { .integer($0) } + [
                .real(0.8), .integer(3), .text("/srv/data"),
            ])
        let others = try recording.query("SELECT hit_ratio, comm FROM page_cache WHERE pid IS NULL").rows
        #expect(others.count == 1)
        let residency = try recording.query(
            "SELECT file, size, cached_pages, dirty_pages, write_back_pages FROM file_residency WHERE tick = 2"
        ).rows
        #expect(
            residency.first == [.text("/srv/data"), .integer(9000), .integer(3), .integer(2), .integer(1)])
    }

    @Test func aFileIsSummedOverItsTicks() throws {
        let totals = try recording(lookups: 100, misses: 20).pageCacheTotals()
        #expect(totals.count == 2)
        let reader = try #require(totals.first)
        #expect(reader.pid == 9 && reader.comm == "reader" && reader.file == "/srv/data")
        #expect(reader.lookups == 200 && reader.hits == 160 && reader.misses == 40 && reader.readAhead == 20)
        #expect(reader.dirtied == 8 && reader.written == 10 && reader.evicted == 12)
        #expect(reader.cachedPages == 3 && reader.size == 9000)
        #expect(totals[1].pid == nil && totals[1].comm == nil && totals[1].written == 5)
    }

    /// Older kernels do not tell what is asked for.
    @Test func whatIsNotKnownIsNull() throws {
        let recording = try recording(lookups: nil, misses: nil)
        let total = try #require(try recording.pageCacheTotals().first)
        #expect(total.lookups == nil && total.hits == nil && total.misses == nil && total.readAhead == nil)
        #expect(total.readIn == 60)
        let known = try recording.query(
            """
            SELECT 1 FROM page_cache WHERE coalesce(lookups, hits, misses, read_ahead, hit_ratio) IS NOT NULL
            """
        ).rows
        #expect(known.isEmpty)
    }

    /// A read is counted where it ends, so a tick may have more misses than look-ups.
    @Test func hitsAreNeverNegative() throws {
        let recording = try recording(lookups: 10, misses: 20)
        #expect(try recording.pageCacheTotals().first?.hits == 0)
        #expect(try recording.query("SELECT 1 FROM page_cache WHERE hits < 0").rows.isEmpty)
    }
}
