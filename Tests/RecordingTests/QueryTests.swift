import Model
import Testing

@testable import Recording

@Suite struct QueryTests {
    let scratch: Scratch
    let recording: Recording

    init() throws {
        scratch = try Scratch()
        var batches = [Fixture.firstBatch(threads: [1, 2])] + (2...4).map { Fixture.batch($0) }
        batches[0].processes.append(Fixture.process(2, process: 2, pid: 200, comm: "other"))
        batches[0].threads.append(Fixture.thread(3, process: 2, comm: "wor[ker]"))
        for index in batches.indices {
            batches[index].samples = [1, 2, 3].map { ($0, Fixture.sample()) }
            let short = WaitSample(subject: Fixture.read, waker: Waker(kind: .block), count: 1, total: 1000)
            let long = WaitSample(
                subject: Fixture.futex, waker: Fixture.peer, count: 1, total: 500_000_000)
            batches[index].waits = [(1, short), (1, long), (3, long)]
        }
        recording = try Fixture.recording(scratch, batches)
    }

    @Test(arguments: [
        "INSERT INTO meta VALUES ('a', 'b')", "DELETE FROM ticks", "DROP VIEW waits", "BEGIN",
        "ATTACH 'x.db' AS x", "CREATE TEMP TABLE t (a)", "PRAGMA user_version = 7", "VACUUM INTO 'copy.db'",
        "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM ticks", "", " ; ", "-- nothing",
    ])
    func whatIsNoQueryIsRefused(sql: String) throws {
        let error = #expect(throws: RecordingError.self) { try recording.query(sql) }
        guard case .notAQuery = error else {
            Issue.record("\(sql): \(String(describing: error))")
            return
        }
        #expect(try recording.query("SELECT count(*) FROM ticks").rows == [[.integer(4)]])
    }

    @Test func SQLitesWordsAreGiven() {
        let error = #expect(throws: RecordingError.self) { try recording.query("SELECT nope FROM waits") }
        #expect(error == .invalidQuery(reason: "no such column: nope"))
    }

    @Test func valuesKeepTheirTypes() throws {
        let result = try recording.query("SELECT 1 AS a, 1.5 AS b, 'x' AS c, NULL AS d, x'00ff' AS e")
        #expect(result.columns == ["a", "b", "c", "d", "e"])
        #expect(result.rows == [[.integer(1), .real(1.5), .text("x"), .null, .blob([0, 255])]])
    }

    @Test func histogramsAreSummed() throws {
        let result = try recording.query("SELECT histogram_sum(burst_histogram) FROM thread_seconds")
        #expect(result.rows == [[.text("[0,0,240]")]])
    }

    @Test func filtersCompose() throws {
        var filter = Filter()
        filter.from = Fixture.start + Fixture.second
        filter.to = Fixture.start + 3 * Fixture.second
        #expect(try recording.threadSeconds(filter).map(\.tick) == [2, 2, 2, 3, 3, 3])
        filter.pids = [200]
        #expect(try recording.threadSeconds(filter).map(\.pid) == [200, 200])
        filter.processNames = ["serv*"]
        filter.tids = [101]
        #expect(try recording.threadSeconds(filter).map(\.tid) == [101, 101])
        filter.kinds = [.futex]
        filter.wakerNames = ["peer"]
        #expect(try recording.waits(filter).map(\.wait.kind) == ["futex", "futex"])
        filter.wakerNames = ["nobody"]
        #expect(try recording.waits(filter).isEmpty)
    }

    @Test func namesAreTakenLiterallyButForTheStar() throws {
        var filter = Filter()
        filter.threadNames = ["wor[k*"]
        #expect(try recording.threadSeconds(filter).count == 4)
        filter.threadNames = ["wor[ker]' OR 1=1 --"]
        #expect(try recording.threadSeconds(filter).isEmpty)
    }

    @Test func totalsAreSums() throws {
        let totals = try recording.threadTotals()
        #expect(totals.map(\.thread) == [1, 2, 3])
        var sum = ThreadSample()
        for _ in 0..<4 { sum += Fixture.sample() }
        #expect(totals.allSatisfy { $0.sample == sum && $0.ticks == 4 && $0.largestDeviation == 0 })
        #expect(totals.map(\.processComm) == ["server", "server", "other"])
        let waits = try recording.waitTotals()
        #expect(waits.map(\.total) == [2_000_000_000, 2_000_000_000, 4000])
        var filter = Filter()
        filter.minimumShare = 0.1
        #expect(try recording.waitTotals(filter).count == 2)
    }

    /// Large recordings depend on these plans: a time range or a thread must not read everything.
    @Test(arguments: ["thread_seconds", "waits"])
    func aTimeRangeAndAThreadAreFoundByIndex(view: String) throws {
        func plan(_ condition: String) throws -> String {
            try recording.query("EXPLAIN QUERY PLAN SELECT * FROM \(view) WHERE \(condition)").rows
                .compactMap { if case .text(let text) = $0[3] { text } else { nil } }
                .joined(separator: "\n")
        }
        for condition in ["time_ns > 5 AND time_ns <= 9", "tid = 101"] {
            let plan = try plan(condition)
            #expect(!plan.contains("SCAN r"), "\(plan)")
            #expect(!plan.contains("SCAN v"), "\(plan)")
            #expect(!plan.contains("AUTOMATIC"), "\(plan)")
        }
        #expect(try plan("time_ns > 5").contains("SEARCH t USING COVERING INDEX ticks_time"))
        #expect(try plan("tid = 101").contains("SEARCH v USING INDEX thread_versions_tid"))
    }
}
