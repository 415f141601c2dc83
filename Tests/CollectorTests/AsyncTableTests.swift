import Model
import ProbeRecords
import Testing

@testable import Collector
@testable import Probes

@Suite struct AsyncTableTests {
    private static let key = stall_async_key(
        thread: 3, ring: 7, file: 9, operation: 23, issue: UInt8(STALL_ISSUE_WORKER.rawValue), reserved: 0)

    @Test func sumsAreDecoded() {
        var sums = stall_async_sums()
        (sums.requests, sums.errors, sums.completions, sums.untold) = (11, 12, 13, 14)
        (sums.total, sums.max, sums.unreaped) = (15, 16, 17)
        sums.hist.2 = 18
        let sample = AsyncSample(key: Self.key, sums: sums)
        var expected = AsyncSample(ring: 7, file: 9, operation: 23, issue: .worker)
        (expected.requests, expected.errors, expected.completions, expected.untold) = (11, 12, 13, 14)
        (expected.total, expected.longest, expected.unreaped) = (15, 16, 17)
        expected.lengths = Histogram(counts: [0, 0, 18])
        #expect(sample == expected)
    }

    @Test func whatIsSubmittedAfterTheTickIsOfTheNext() {
        let request = stall_async_request(key: Self.key, submitted: 500, pid: 1, reserved: 0)
        let sample = AsyncSample(request, now: 700)
        #expect(sample?.inFlight == 1 && sample?.inFlightTotal == 200 && sample?.requests == 0)
        #expect(AsyncSample(request, now: 499) == nil)
    }

    @Test func namesAreAtTheirNumbers() {
        // include/uapi/linux/io_uring.h, aio_abi.h
        for (number, name) in [
            (0, "nop"), (6, "poll_add"), (22, "read"), (26, "send"), (47, "send_zc"), (62, "pipe"),
        ] {
            #expect(AsyncOperations.ofRings[number] == name)
        }
        #expect(AsyncOperations.ofAIO[5] == "poll" && AsyncOperations.ofAIO[8] == "pwritev")
        #expect(AsyncOperations.ofAIO[4] == nil)
    }

    private func sample(requests: UInt64 = 0, inFlight: UInt64 = 0, unreaped: UInt64 = 0) -> AsyncSample {
        var sample = AsyncSample(ring: 7, file: 9, operation: 22, issue: .worker)
        sample.requests = requests
        sample.completions = requests
        sample.total = requests * 100
        sample.longest = requests
        sample.unreaped = unreaped
        sample.inFlight = inFlight
        sample.inFlightTotal = inFlight * 10
        return sample
    }

    @Test func whatIsUnderWayIsAddedToWhatWasCompleted() throws {
        var table = AsyncTable()
        table.add(sample(inFlight: 1), of: 3, version: 30)
        table.add(sample(inFlight: 1), of: 3, version: 30)
        table.add(sample(requests: 5, unreaped: 2), of: 3, version: 30)
        let rows = table.take()
        #expect(rows.count == 1)
        let row = try #require(rows.first)
        #expect(row.thread == 30)
        #expect(row.sample.requests == 5 && row.sample.total == 500 && row.sample.longest == 5)
        #expect(row.sample.inFlight == 2 && row.sample.inFlightTotal == 20 && row.sample.unreaped == 2)
        #expect(table.take().isEmpty)
    }

    @Test func requestsOutliveTheThreadThatSubmittedThem() {
        var table = AsyncTable()
        table.add(sample(inFlight: 1), of: 3, version: 30)
        _ = table.take()
        // It has ended since.
        table.add(sample(inFlight: 1), of: 3, version: nil)
        #expect(table.take().map(\.thread) == [30])
        table.add(sample(requests: 1), of: 3, version: nil)
        #expect(table.take().map(\.thread) == [30])
    }

    @Test func whoIsNotKnownKeepsWhatIsCounted() {
        var table = AsyncTable()
        table.add(sample(requests: 2), of: 3, version: nil)
        table.add(sample(requests: 4), of: 0, version: nil)
        let rows = table.take()
        #expect(rows.map(\.thread) == [0] && rows.map(\.sample.requests) == [6])
    }

    @Test func differentFilesOperationsAndWaysAreApart() {
        var table = AsyncTable()
        for (file, operation, issue) in [
            (9, 22, AsyncIssue.worker), (10, 22, .worker), (9, 23, .worker), (9, 22, .inline), (9, 0, .aio),
        ] as [(Int64, UInt8, AsyncIssue)] {
            table.add(
                AsyncSample(ring: 7, file: file, operation: operation, issue: issue), of: 3, version: 30)
        }
        #expect(table.take().count == 5)
    }
}
