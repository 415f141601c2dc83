import Diagnosis
import Model
import Testing

@testable import Recording

/// Threads that stay in one wait, and waits that end ticks after they began.
@Suite struct IdleRunTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Six ticks; thread 1 idles in 2...4, thread 2 from 3 on.
    private func batches() -> [TickBatch] {
        var batches = [Fixture.firstBatch(threads: [1, 2])] + (2...6).map { Fixture.batch($0) }
        batches[0].samples = [(1, Fixture.sample())]
        batches[1].idleRuns = [IdleRun(thread: 1, firstTick: 2, subject: Fixture.futex)]
        batches[2].idleRuns = [IdleRun(thread: 2, firstTick: 3, subject: Fixture.read)]
        batches[4].idleRunEnds = [IdleRunEnd(thread: 1, lastTick: 4, waker: Fixture.peer)]
        batches[4].samples = [(1, Fixture.sample())]
        return batches
    }

    @Test func runsAreExpandedTickByTick() throws {
        let rows = try Fixture.recording(scratch, batches()).threadSeconds()
        #expect(rows.filter { $0.thread == 1 }.map(\.tick) == [1, 2, 3, 4, 5])
        #expect(rows.filter { $0.thread == 2 }.map(\.tick) == [3, 4, 5, 6])
        for row in rows where row.thread == 1 && (2...4).contains(row.tick) {
            #expect(row.sample.alive == Fixture.second && row.sample.interruptible == Fixture.second)
            #expect(row.time == Fixture.start + UInt64(row.tick) * Fixture.second)
        }
        for row in rows where row.thread == 2 {
            #expect(row.sample.uninterruptible == Fixture.second && row.sample.ioWait == Fixture.second)
        }
        #expect(rows.allSatisfy { $0.sample.unaccounted == 0 })
    }

    /// A row begins where the thread's row before ends, whatever lies between the ends of ticks and threads' own stamps.
    @Test func aRunsEndsAreItsThreadsOwn() throws {
        var batches = batches()
        batches[1].idleRuns[0].beginOffset = -300
        batches[4].idleRunEnds[0].endOffset = -20
        let recording = try Fixture.recording(scratch, batches)
        let rows = try recording.threadSeconds().filter { $0.thread == 1 && (2...4).contains($0.tick) }
        let lengths = [Fixture.second + 300, Fixture.second, Fixture.second - 20]
        #expect(rows.map(\.sample.alive) == lengths && rows.map(\.sample.interruptible) == lengths)
        let waits = try recording.waits().filter { $0.wait.thread == 1 }
        #expect(waits.map(\.wait.total) == lengths)
        var range = Filter()
        range.from = Fixture.start + 2 * Fixture.second + 1
        let total = try #require(try recording.waitTotals(range).first { $0.thread == 1 })
        #expect(total.total == lengths[1] + lengths[2], "of a part, the end that lies in it")
    }

    @Test func waitsOfRunsHaveTheirSubjectAndWaker() throws {
        let rows = try Fixture.recording(scratch, batches()).waits()
        let ended = rows.filter { $0.wait.thread == 1 }
        #expect(ended.map(\.tick) == [2, 3, 4])
        #expect(ended.allSatisfy { $0.wait.kind == "futex" && $0.wait.wakerComm == "peer" })
        #expect(ended.allSatisfy { $0.wait.total == Fixture.second && $0.wait.count == 0 })
        let open = rows.filter { $0.wait.thread == 2 }
        #expect(open.map(\.tick) == [3, 4, 5, 6])
        #expect(open.allSatisfy { $0.wait.wakerKind == "pending" && $0.wait.direction == "read" })
    }

    /// Read from the tables, past the views, which would expand millions of rows.
    @Test(arguments: [6, 3, 2]) func metricsAreTheSumsOfTheViews(bins: Int) throws {
        var batches = batches()
        batches[1].idleRuns[0].beginOffset = -300
        batches[4].idleRunEnds[0].endOffset = -20
        batches[0].waits = [
            (1, WaitSample(subject: Fixture.futex, waker: Fixture.peer, count: 3, total: 500_000_000)),
            (2, WaitSample(subject: Fixture.read, waker: .pending, count: 0, total: 70_000_000)),
        ]
        batches[4].occupants = [
            (
                1,
                OccupantSample(
                    occupant: Occupant(kind: .thread, pid: 7, tid: 7, comm: "other"), count: 2, total: 9)
            )
        ]
        let recording = try Fixture.recording(scratch, batches)
        let (found, series) = try recording.metrics(atMost: bins)
        #expect(found.count == bins)
        #expect(
            found.last
                == MetricBin(
                    end: Fixture.start + 6 * Fixture.second, length: UInt64(6 / bins) * Fixture.second))
        let thread = "comm || '/' || tid"
        for (metric, sql) in [
            ("blocked_ns", "SELECT tick, \(thread), blocked_ns FROM thread_seconds"),
            ("io_wait_ns", "SELECT tick, \(thread), io_wait_ns FROM thread_seconds"),
            ("migrations", "SELECT tick, \(thread), migrations FROM thread_seconds"),
            ("wait_ns", "SELECT tick, \(thread) || ' for ' || kind, total_ns FROM waits"),
            ("waits", "SELECT tick, \(thread) || ' for ' || kind, count FROM waits"),
        ] {
            var expected: [String: [Double]] = [:]
            for row in try recording.query(sql).rows {
                guard case .integer(let tick) = row[0], case .text(let subject) = row[1],
                    case .integer(let value) = row[2],
                    value != 0
                else { continue }
                expected[subject, default: Array(repeating: 0, count: bins)][Int(tick - 1) * bins / 6] +=
                    Double(value)
            }
            let ours = series.filter { $0.metric == metric }
            #expect(
                Dictionary(uniqueKeysWithValues: ours.map { ($0.subject, $0.values) }) == expected,
                "\(metric)")
        }
        let behind = series.filter { $0.subject == "worker/101 behind other" }
        #expect(behind.map { $0.values.reduce(0, +) } == [9])
    }

    @Test func aRunThatEndsBeforeItBeganIsNone() throws {
        var batches = [Fixture.firstBatch(), Fixture.batch(2)]
        batches[0].idleRuns = [IdleRun(thread: 1, firstTick: 2, subject: Fixture.futex)]
        batches[1].idleRunEnds = [IdleRunEnd(thread: 1, lastTick: 1, waker: Fixture.peer)]
        let recording = try Fixture.recording(scratch, batches)
        #expect(try recording.threadSeconds().isEmpty)
        #expect(try recording.query("SELECT count(*) FROM idle_runs").rows == [[.integer(0)]])
    }

    @Test func runsOfEveryLengthAreFoundAtEveryTick() throws {
        let last: Int64 = 140
        let lengths: [Int64] = [1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 127, 128]
        var batches = (1...last).map { Fixture.batch($0) }
        batches[0].processes = [Fixture.process()]
        for (index, length) in lengths.enumerated() {
            let id = Int64(index + 1)
            batches[0].threads.append(Fixture.thread(id))
            batches[4].idleRuns.append(IdleRun(thread: id, firstTick: 5, subject: Fixture.futex))
            batches[Int(4 + length)].idleRunEnds.append(
                IdleRunEnd(thread: id, lastTick: 4 + length, waker: Fixture.peer))
        }
        let recording = try Fixture.recording(scratch, batches)
        for (index, length) in lengths.enumerated() {
            var filter = Filter()
            filter.tids = [UInt32(101 + index)]
            #expect(try recording.threadSeconds(filter).map(\.tick) == Array(5...(4 + length)))
        }
        // The same from the other side, where the planner starts with a stretch of time.
        for tick in [5, 6, 12, 68, 69, 132, 133] as [Int64] {
            var filter = Filter()
            filter.from = Fixture.start + UInt64(tick - 1) * Fixture.second
            filter.to = Fixture.start + UInt64(tick) * Fixture.second
            #expect(try recording.threadSeconds(filter).count == lengths.count { 4 + $0 >= tick })
        }
    }

    @Test func aResolutionNamesTheWakerOfPendingTime() throws {
        var first = Fixture.firstBatch()
        first.waits = [(1, WaitSample(subject: Fixture.futex, waker: .pending, count: 0, total: 400))]
        var second = Fixture.batch(2)
        second.resolutions = [WaitResolution(thread: 1, tick: 1, waker: Fixture.peer, timedOut: true)]
        let rows = try Fixture.recording(scratch, [first, second]).waits()
        #expect(rows.count == 1)
        #expect(rows.first?.wait.wakerComm == "peer" && rows.first?.wait.timedOut == true)
        #expect(rows.first?.wait.total == 400)
    }

    @Test func aResolutionThatMeetsAnEqualRowIsAddedToIt() throws {
        var first = Fixture.firstBatch()
        first.waits = [
            (1, WaitSample(subject: Fixture.futex, waker: .pending, count: 0, total: 400)),
            (
                1,
                WaitSample(
                    subject: Fixture.futex, waker: Fixture.peer, count: 2, total: 100, longest: 60,
                    lengths: Histogram(counts: [2]))
            ),
        ]
        var second = Fixture.batch(2)
        second.resolutions = [WaitResolution(thread: 1, tick: 1, waker: Fixture.peer, timedOut: false)]
        let rows = try Fixture.recording(scratch, [first, second]).waits()
        #expect(rows.count == 1)
        #expect(rows.first?.wait.total == 500 && rows.first?.wait.count == 2)
        #expect(rows.first?.wait.longest == 60 && rows.first?.wait.lengths == Histogram(counts: [2]))
    }

    /// In a later tick than that in which it ended, or in the same.
    @Test(arguments: [false, true]) func aResolutionReachesARunThatIsOver(inTheSameTick: Bool) throws {
        var first = Fixture.firstBatch()
        first.idleRuns = [IdleRun(thread: 1, firstTick: 1, subject: Fixture.futex)]
        var second = Fixture.batch(2)
        second.idleRunEnds = [IdleRunEnd(thread: 1, lastTick: 1, waker: .pending)]
        var third = Fixture.batch(3)
        let resolution = WaitResolution(thread: 1, tick: 1, waker: Fixture.peer, timedOut: false)
        if inTheSameTick { second.resolutions = [resolution] } else { third.resolutions = [resolution] }
        let rows = try Fixture.recording(scratch, [first, second, third]).waits()
        #expect(rows.map(\.wait.wakerComm) == ["peer"])
    }

    @Test func timeIsConservedOverViews() throws {
        let recording = try Fixture.recording(scratch, batches())
        let sum = try recording.conservation()
        #expect(sum.rows == 9 && sum.alive == 9 * Fixture.second)
        #expect(sum.accounted == sum.alive && sum.largestDeviation == 0)
        let blocked = try recording.query(
            """
            SELECT count(*) FROM thread_seconds
            WHERE alive_ns <> on_cpu_ns + run_queue_ns + blocked_ns
            """)
        #expect(blocked.rows == [[.integer(0)]])
    }
}
