import Foundation
import Model
import Testing

@testable import Recording

@Suite struct IntervalTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static let start = Fixture.start, second = Fixture.second

    private static func wait(_ left: UInt64, _ woken: UInt64, _ ran: UInt64, thread: Int64 = 1) -> Interval {
        Interval(
            thread: thread, left: start + left, woken: start + woken, ran: start + ran, wait: Fixture.futex,
            waker: Fixture.peer, wakerThread: 2, member: 7, timedOut: true,
            occupant: ran > woken
                ? Occupant(kind: .thread, pid: 9, tid: 10, comm: "neighbour", cgroup: "/b.slice") : nil)
    }

    @Test func anIntervalComesBackWhole() throws {
        var batch = Fixture.firstBatch(threads: [1, 2])
        let preempted = Interval(
            thread: 2, left: Self.start + 5, woken: Self.start + 5, ran: Self.start + 90,
            waker: Waker(kind: .unknown), occupant: Occupant(kind: .latency))
        let idle = Interval(
            thread: 1, left: Self.start + 100, woken: Self.start + Self.second, ran: Self.start + Self.second,
            wait: Fixture.read)
        batch.intervals = [Self.wait(10, 20, 30), preempted, idle]
        batch.slices = [IntervalSlice(from: Self.start, to: Self.start + 50)]
        let recording = try Fixture.recording(scratch, [batch])
        #expect(try recording.intervals() == [Self.wait(10, 20, 30), preempted, idle])
        #expect(try recording.intervalSlices() == batch.slices)
        #expect(try recording.intervals(in: Self.start + 40..<Self.start + 50) == [preempted])
        let rows = try recording.query(
            "SELECT time_ns, wait_ns, run_queue_ns, tid, kind, waker_tid, occupant_comm FROM intervals ORDER BY time_ns"
        )
        #expect(rows.rows.count == 3)
    }

    /// Intervals of any length over many ticks, each found exactly where it reaches.
    @Test(arguments: 0..<8) func aStretchHasAllThatReachIntoIt(seed: Int) throws {
        var random = Generator(state: UInt64(seed) &* 7919 &+ 1)
        let ticks: Int64 = 40
        var all: [Interval] = []
        var batches: [TickBatch] = []
        for tick in 1...ticks {
            var batch = tick == 1 ? Fixture.firstBatch() : Fixture.batch(tick)
            let end = UInt64(tick) * Self.second
            for _ in 0..<20 {
                let ran = end - UInt64.random(in: 0..<Self.second, using: &random)
                let length = UInt64(pow(2, Double.random(in: 0...36, using: &random)))
                let left = ran - min(ran, length)
                batch.intervals.append(Self.wait(left, (left + ran) / 2, ran))
            }
            batch.intervals.sort { $0.ran < $1.ran }
            all += batch.intervals
            batches.append(batch)
        }
        all.sort { $0.ran < $1.ran }
        let recording = try Fixture.recording(scratch, batches)
        #expect(try recording.intervals() == all)
        for _ in 0..<40 {
            let from = Self.start + UInt64.random(in: 0..<UInt64(ticks) * Self.second, using: &random)
            let to = from + UInt64(pow(2, Double.random(in: 0...34, using: &random)))
            let found = try recording.intervals(in: from..<to)
            #expect(found == all.filter { $0.left < to && $0.ran >= from })
        }
    }

    @Test func slicesOfOneTickAfterAnotherAreOne() throws {
        var first = Fixture.firstBatch(), second = Fixture.batch(2), third = Fixture.batch(3)
        func slice(_ from: UInt64, _ to: UInt64) -> IntervalSlice {
            IntervalSlice(from: Self.start + from, to: Self.start + to)
        }
        first.slices = [slice(10, 20), slice(30, Self.second)]
        second.slices = [slice(Self.second, Self.second + 100)]
        third.slices = [slice(2 * Self.second, 3 * Self.second)]
        let recording = try Fixture.recording(scratch, [first, second, third])
        let all = [slice(10, 20), slice(30, Self.second + 100), slice(2 * Self.second, 3 * Self.second)]
        #expect(try recording.intervalSlices() == all)
        let coverage = try #require(try recording.intervalCoverage())
        #expect(coverage.duration == 3 * Self.second)
        #expect(coverage.seen == 10 + Self.second - 30 + 100 + Self.second)
        #expect(
            try recording.intervalSlices(in: Self.start + 50..<Self.start + Self.second + 5) == [
                slice(50, Self.second + 5)
            ])
    }

    @Test func slicesThatALostSpellReachedIntoAreTakenBack() throws {
        var first = Fixture.firstBatch(), second = Fixture.batch(2)
        first.slices = [
            IntervalSlice(from: Self.start, to: Self.start + 20),
            IntervalSlice(from: Self.start + 30, to: Self.start + 40),
        ]
        second.slicesVoidSince = Self.start + 35
        let recording = try Fixture.recording(scratch, [first, second])
        #expect(try recording.intervalSlices() == [first.slices[0]])
    }

    /// Not a test of right or wrong, so it only runs when asked for, as ``WriterCostTests``:
    /// `STALLSCOPE_BENCH_INTERVALS=1000000` writes and reads so many.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["STALLSCOPE_BENCH_INTERVALS"] != nil))
    func manyAreReadFast() throws {
        let count = Int(ProcessInfo.processInfo.environment["STALLSCOPE_BENCH_INTERVALS"] ?? "") ?? 0
        var random = Generator(state: 1)
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        let clock = ContinuousClock()
        var writing = Duration.zero
        let ticks = Int64(max(1, count / 20_000))
        for tick in 1...ticks {
            var batch = tick == 1 ? Fixture.firstBatch() : Fixture.batch(tick)
            let end = UInt64(tick) * Self.second
            for number in 0..<count / Int(ticks) {
                let ran = end - Self.second + UInt64(number) * Self.second / UInt64(count / Int(ticks))
                var interval = Self.wait(
                    ran - min(ran, UInt64.random(in: 0...5_000_000, using: &random)), ran, ran + 2000,
                    thread: Int64(number % 100))
                interval.wait?.resource = Int64.random(in: 0...50, using: &random)
                interval.waker.tid = UInt32.random(in: 1...20, using: &random)
                batch.intervals.append(interval)
            }
            writing += try clock.measure { try writer.append(batch) }
        }
        try writer.finish()
        let recording = try Recording.open(scratch.path())
        var read: [Interval] = []
        let reading = try clock.measure { read = try recording.intervals() }
        let size = try FileManager.default.attributesOfItem(atPath: scratch.path())[.size] as? Int ?? 0
        print(
            "\(read.count) intervals: written in \(writing), read in \(reading), \(size / count) bytes each")
        #expect(read.count == count / Int(ticks) * Int(ticks))
    }
}

/// Numerical Recipes' linear congruential generator: the same numbers in every run.
private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 33)
    }
}
