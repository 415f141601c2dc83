import Model
import Testing

@testable import Recording

@Suite struct BlockTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static let disk: UInt32 = 0xfe0_0000

    private static func sample(_ submitter: BlockSubmitter, requests: UInt64) -> BlockSample {
        var sample = BlockSample(device: disk, operation: .write, submitter: submitter)
        sample.requests = requests
        sample.bytes = requests * 4096
        sample.merges = 3
        sample.flushes = 2
        sample.errors = 1
        sample.queueTotal = requests * 10
        sample.deviceTotal = requests * 1000
        sample.longest = 5000 + requests
        sample.queueLengths = Histogram(counts: [UInt32(requests)])
        sample.deviceLengths = Histogram(counts: [0, 0, UInt32(requests)])
        sample.inFlight = 4
        sample.inFlightTotal = 400
        return sample
    }

    private static let hog = BlockSubmitter(pid: 9, tid: 10, comm: "hog", cgroup: "/hogs")
    private static let other = BlockSubmitter(pid: 9, tid: 11, comm: "hog", cgroup: "/hogs")
    private static let interrupt = BlockSubmitter(pid: 0, tid: 0, comm: "")

    private func recording() throws -> Recording {
        var first = Fixture.firstBatch()
        first.devices = [(Self.disk, "vda")]
        first.block = [Self.sample(Self.hog, requests: 5), Self.sample(Self.interrupt, requests: 1)]
        var second = Fixture.batch(2)
        second.block = [Self.sample(Self.hog, requests: 7), Self.sample(Self.other, requests: 2)]
        return try Fixture.recording(scratch, [first, second])
    }

    @Test func everyColumnComesBack() throws {
        let rows = try recording().query(
            """
            SELECT device, operation, pid, tid, comm, cgroup, requests, sectors, bytes, merges, flushes, errors,
                queue_ns, device_ns, max_ns, in_flight, in_flight_ns, queue_histogram, device_histogram
            FROM block_io WHERE tick = 1 ORDER BY tid
            """
        ).rows.map { $0.map { "\($0)" } }
        #expect(rows.count == 2)
        for text in ["vda", "write", "hog", "/hogs", "[5]", "[0,0,5]"] {
            #expect(rows[1].contains { $0.contains(text) }, "\(text) in \(rows[1])")
        }
        for number in [9, 10, 5, 40, 20480, 3, 2, 1, 50, 5000, 5005, 4, 400] {
            #expect(rows[1].contains { $0.contains("\(number)") }, "\(number) in \(rows[1])")
        }
        // An interrupt has neither process nor name.
        #expect(rows[0][2] == rows[0][4] && rows[0][2] == rows[0][5])
    }

    @Test func aProcessIsSummedOverItsThreadsAndTicks() throws {
        let totals = try recording().blockTotals()
        #expect(totals.count == 2)
        let hog = try #require(totals.first)
        #expect(hog.comm == "hog" && hog.pid == 9 && hog.device == "vda" && hog.operation == "write")
        #expect(hog.requests == 14 && hog.bytes == 14 * 4096 && hog.deviceTotal == 14_000)
        #expect(hog.longest == 5007 && hog.deviceLengths.counts == [0, 0, 14])
        // Only what was under way at the end.
        #expect(hog.inFlight == 8)
        #expect(totals[1].pid == nil && totals[1].comm == nil && totals[1].requests == 1)
    }

    @Test func aStretchHasItsOwnSums() throws {
        var filter = Filter()
        filter.to = Fixture.start + Fixture.second
        let totals = try recording().blockTotals(filter)
        #expect(totals.first?.requests == 5)
    }
}
