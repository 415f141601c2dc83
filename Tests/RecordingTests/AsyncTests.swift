import Model
import Testing

@testable import Recording

@Suite struct AsyncTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static func sample(
        _ operation: UInt8, _ issue: AsyncIssue, requests: UInt64, inFlight: UInt64 = 0
    ) -> AsyncSample {
        var sample = AsyncSample(ring: 7, file: 9, operation: operation, issue: issue)
        sample.requests = requests
        sample.errors = 2
        sample.completions = requests + 1
        sample.untold = 3
        sample.total = requests * 1000
        sample.longest = 4000 + requests
        sample.unreaped = 6
        sample.lengths = Histogram(counts: [0, UInt32(requests)])
        sample.inFlight = inFlight
        sample.inFlightTotal = inFlight * 55
        return sample
    }

    private func recording() throws -> Recording {
        var first = Fixture.firstBatch(threads: [1, 2])
        var ring = Resource(
            id: 7, kind: .ioUring, identity: "0xabc", name: "io_uring", since: 1, pid: 100)
        ring.inode = 1
        first.resources = [
            ring, Resource(id: 9, kind: .file, identity: "1:2", name: "/data/x", since: 1, pid: 100),
        ]
        first.async = [
            (1, Self.sample(22, .inline, requests: 5, inFlight: 4)),
            (2, Self.sample(22, .inline, requests: 6)),
            (1, Self.sample(1, .aio, requests: 8)),
        ]
        var second = Fixture.batch(2)
        var strange = AsyncSample(ring: 7, file: 0, operation: AsyncOperations.none, issue: .inline)
        strange.completions = 11
        second.async = [
            (1, Self.sample(22, .inline, requests: 7, inFlight: 2)),
            (1, Self.sample(200, .worker, requests: 1)), (0, strange),
        ]
        return try Fixture.recording(scratch, [first, second])
    }

    @Test func everyColumnComesBack() throws {
        let rows = try recording().query(
            """
            SELECT tick, pid, tid, thread, comm, process_comm, resource_id, resource, ring, owner_pid, operation, issued,
                file_id, file, count, errors, completions, untold, total_ns, max_ns, unreaped_max, in_flight,
                in_flight_ns, histogram, duration_ns
            FROM io_uring_requests ORDER BY tick, tid
            """
        ).rows.map { $0.map { "\($0)" } }
        #expect(rows.count == 5)
        for text in [
            "100", "101", "worker", "server", "io_uring", "0xabc", "read", "inline", "/data/x", "[0,5]", "6",
            "5000", "4005", "220",
        ] {
            #expect(rows[0].contains { $0.contains(text) }, "\(text) in \(rows[0])")
        }
    }

    @Test func whatHasNoNameShowsItsNumberAndWhoIsNotKnownIsNull() throws {
        let text = try recording().query(
            "SELECT operation, issued, tid IS NULL AS strange, completions FROM io_uring_requests WHERE tick = 2 ORDER BY 4"
        ).rows.map { $0.map { "\($0)" }.joined(separator: " ") }
        #expect(text.count == 3)
        #expect(text[0].contains("200") && text[0].contains("worker"), "\(text)")
        #expect(text[1].contains("read") && text[1].contains("inline"), "\(text)")
        #expect(text[2].contains("11") && !text[2].contains("inline"), "\(text)")
    }

    @Test func aioHasAViewOfItsOwn() throws {
        let rows = try recording().query(
            "SELECT operation, file, count, total_ns, tid FROM aio_requests"
        ).rows.map { $0.map { "\($0)" } }
        #expect(rows.count == 1)
        for text in ["pwrite", "/data/x", "8", "8000", "101"] {
            #expect(rows.first?.contains { $0.contains(text) } == true, "\(text) in \(rows)")
        }
    }

    @Test func aProcessIsSummedOverItsThreadsAndTicks() throws {
        let totals = try recording().asyncTotals()
        #expect(totals.count == 4)
        let reads = try #require(totals.first)
        #expect(reads.operation == "read" && reads.sample.issue == .inline && reads.processComm == "server")
        #expect(
            reads.sample.requests == 18 && reads.sample.total == 18_000 && reads.sample.errors == 6
                && reads.sample.untold == 9)
        #expect(reads.sample.completions == 21 && reads.sample.longest == 4007 && reads.sample.unreaped == 6)
        #expect(reads.file == "/data/x" && reads.ring == "io_uring" && reads.ownerPID == 100)
        #expect(reads.sample.lengths.counts == [0, 18])
        // Only what was under way at the end.
        #expect(reads.sample.inFlight == 2)
        let strange = try #require(totals.first { $0.operation == nil })
        #expect(strange.pid == 0 && strange.sample.completions == 11)
        #expect(totals.first { $0.sample.issue == .aio }?.operation == "pwrite")
    }

    @Test func aFilterChoosesThreads() throws {
        var filter = Filter()
        filter.tids = [102]
        let totals = try recording().asyncTotals(filter)
        #expect(totals.map(\.sample.requests) == [6])
    }
}
