import Model
import Testing

@testable import Recording

@Suite struct SystemCallTests {
    let scratch: Scratch
    let recording: Recording

    init() throws {
        scratch = try Scratch()
        recording = try Self.recording(scratch)
    }

    private static func sample(
        _ name: String, _ operation: FutexOperation = .none, calls: UInt64, positive: UInt64 = 0
    ) -> SyscallSample {
        var sample = SyscallSample(
            syscall: Int16(Syscalls.find(name).number ?? -1), operation: operation)
        sample.calls = calls
        sample.errors = 1
        sample.positive = positive
        sample.total = calls * 100
        sample.longest = 40 + calls
        sample.moved = positive * 3
        sample.lengths = Histogram(counts: [UInt32(calls)])
        return sample
    }

    private static func recording(_ scratch: Scratch) throws -> Recording {
        var first = Fixture.firstBatch(threads: [1, 2])
        first.syscalls = [
            (1, sample("read", calls: 5, positive: 4)),
            (1, sample("futex", .wait, calls: 7)),
            (1, sample("futex", .wake, calls: 9, positive: 2)),
            (2, sample("read", calls: 1)),
        ]
        var pipe = Resource(id: 3, kind: .pipe, identity: "p", name: "pipe:[3]", since: 0, pid: 100)
        pipe.inode = 3
        first.resources = [pipe]
        first.traffic = [
            (1, TrafficSample(resource: 3, direction: .read, calls: 4, bytes: 12)),
            (2, TrafficSample(resource: 3, direction: .write, calls: 1, bytes: 50)),
        ]
        var second = Fixture.batch(2)
        second.syscalls = [(1, sample("read", calls: 6, positive: 6))]
        second.traffic = [(1, TrafficSample(resource: 3, direction: .read, calls: 6, bytes: 18))]
        return try Fixture.recording(scratch, [first, second])
    }

    private func rows(_ sql: String) throws -> [String] {
        try recording.query(sql).rows.map { row in
            row.map { value in
                switch value {
                case .null: "-"
                case .integer(let number): "\(number)"
                case .text(let text): text
                default: "\(value)"
                }
            }.joined(separator: " ")
        }
    }

    @Test func theViewsHaveWhatWasCounted() throws {
        #expect(
            try rows(
                """
                SELECT tid, syscall, operation, calls, errors, total_ns, max_ns, bytes, histogram
                FROM system_calls WHERE tick = 1 ORDER BY tid, syscall DESC, operation
                """) == [
                    "101 read - 5 1 500 45 12 [5]", "101 futex wait 7 1 700 47 0 [7]",
                    "101 futex wake 9 1 900 49 0 [9]", "102 read - 1 1 100 41 0 [1]",
                ])
        #expect(
            try rows(
                """
                SELECT tid, calls, errors, waits, wait_ns, wakes, wakes_of_someone, wakes_of_nobody, woken
                FROM futex_calls
                """) == ["101 16 2 7 700 9 2 6 6"])
        #expect(
            try rows("SELECT tick, tid, kind, resource, direction, calls, bytes FROM transfers ORDER BY 1, 2")
                == [
                    "1 101 pipe pipe:[3] read 4 12", "1 102 pipe pipe:[3] write 1 50",
                    "2 101 pipe pipe:[3] read 6 18",
                ])
    }

    @Test func callsAreSummedByThread() throws {
        let totals = try recording.syscallTotals()
        #expect(totals.map(\.syscall) == ["read", "futex", "futex", "read"])
        let read = try #require(totals.first)
        #expect(read.tid == 101 && read.calls == 11 && read.errors == 2 && read.total == 1100)
        #expect(read.longest == 46 && read.bytes == 30 && read.lengths.counts == [11])
        #expect(read.wakes == nil)
        let wake = try #require(totals.first { $0.operation == "wake" })
        #expect(wake.bytes == 0)
        let woke = try #require(wake.wakes)
        #expect(woke.ofSomeone == 2 && woke.ofNobody == 6 && woke.woken == 6)
    }

    @Test func bothDirectionsOfAPipeStandSideBySide() throws {
        let totals = try recording.trafficTotals()
        let pipe = try #require(totals.first)
        #expect(totals.count == 1 && pipe.resource == "pipe:[3]" && pipe.pid == 100)
        #expect(pipe.readCalls == 10 && pipe.readBytes == 30 && pipe.writeCalls == 1 && pipe.writeBytes == 50)
    }

    @Test func aFilterChoosesThreadsAndTime() throws {
        var filter = Filter()
        filter.tids = [101]
        filter.from = Fixture.start + Fixture.second
        let totals = try recording.syscallTotals(filter)
        #expect(totals.map(\.calls) == [6])
        #expect(try recording.trafficTotals(filter).first?.readBytes == 18)
    }
}
