import Foundation
import Model
import Testing

@testable import Recording

/// Recordings that let go of their oldest ticks while they go on.
@Suite struct RetentionTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Thread 1 runs, thread 2 idles from tick 3 on; with each tick a thread comes, and ends with the next.
    private func batches(_ count: Int64) -> [TickBatch] {
        (1...count).map { number in
            var batch = number == 1 ? Fixture.firstBatch(threads: [1, 2]) : Fixture.batch(number)
            batch.threads.append(Fixture.thread(100 + number, comm: "short-\(number)"))
            batch.samples = [(1, Fixture.sample()), (100 + number, Fixture.sample())]
            if number == 3 { batch.idleRuns = [IdleRun(thread: 2, firstTick: 3, subject: Fixture.futex)] }
            if number < 3 { batch.samples.append((2, Fixture.sample())) }
            if number > 1 {
                batch.ends = [
                    TaskEnd(thread: 99 + number, process: nil, time: batch.tick.time - 1, exitCode: 0)
                ]
            }
            batch.waits = [
                (1, WaitSample(subject: Fixture.read, waker: Fixture.peer, count: 3, total: 500_000_000))
            ]
            batch.intervals = [
                Interval(
                    thread: 1, left: batch.tick.time - Fixture.second * 3 / 2, woken: batch.tick.time - 10,
                    ran: batch.tick.time - 5, wait: Fixture.read, waker: Fixture.peer, wakerThread: 2,
                    member: 0, timedOut: false, occupant: nil)
            ]
            batch.losses = [Loss(time: batch.tick.time, what: "a thing", place: "here", count: 1, advice: "")]
            return batch
        }
    }

    private func record(_ count: Int64, _ retention: Retention?) throws -> Recording {
        let writer = try RecordingWriter.create(
            at: scratch.path(), header: Fixture.header, retention: retention)
        for batch in batches(count) { try writer.append(batch) }
        try writer.finish()
        return try Recording.open(scratch.path())
    }

    private func count(_ recording: Recording, _ sql: String) throws -> Int64 {
        guard case .integer(let count)? = try recording.query(sql).rows.first?.first else { return -1 }
        return count
    }

    @Test func onlyTheLastTicksAreKept() throws {
        let recording = try record(200, Retention(age: 20 * Fixture.second))
        let rows = try recording.threadSeconds()
        let ticks = Set(rows.map(\.tick))
        #expect(ticks == Set(181...200))
        // All that is left is whole, also what began before.
        for thread in [Int64(1), 2] { #expect(rows.filter { $0.thread == thread }.count == 20) }
        #expect(rows.allSatisfy { $0.sample.unaccounted == 0 })
        #expect(try recording.waits().filter { $0.wait.kind == "futex" }.map(\.tick) == Array(181...200))
        #expect(try count(recording, "SELECT count(*) FROM intervals") == 20)
        #expect(try recording.losses().count == 20)
        #expect(try count(recording, "SELECT count(*) FROM thread_versions") <= 24)
        #expect(try count(recording, "SELECT count(*) FROM interval_rows") == 20)
        #expect(try count(recording, "SELECT count(DISTINCT comm) FROM threads") <= 24)
    }

    @Test func theFileStopsGrowing() throws {
        _ = try record(300, Retention(age: 20 * Fixture.second))
        let short = try size()
        try FileManager.default.removeItem(atPath: scratch.path())
        _ = try record(3000, Retention(age: 20 * Fixture.second))
        let long = try size()
        #expect(long <= short + short / 10, "\(long) and \(short) bytes")
    }

    @Test func aFileStaysBelowItsSize() throws {
        let most: UInt64 = 600_000
        let recording = try record(6000, Retention(size: most))
        let size = try size()
        #expect(size <= most + most / 10, "\(size) bytes")
        // What fits is kept, and the newest of it.
        let ticks = try count(recording, "SELECT count(*) FROM ticks")
        #expect(ticks > 100 && ticks < 6000)
        #expect(try count(recording, "SELECT max(tick) FROM ticks") == 6000)
        #expect(try count(recording, "SELECT min(tick) FROM ticks") == 6000 - ticks + 1)
    }

    /// Whoever comes back from a suspended machine has many old ticks at once; a size that nothing fits keeps a tick.
    @Test func theNewestTickStays() throws {
        let recording = try record(50, Retention(age: 1, size: 1))
        #expect(try count(recording, "SELECT max(tick) FROM ticks") == 50)
        #expect(try count(recording, "SELECT count(*) FROM ticks") <= 2)
    }

    /// While the recording goes on, and without its writer noticing.
    @Test(arguments: [nil, 10 * Fixture.second]) func aSnapshotIsARecording(last: UInt64?) throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        let batches = batches(60)
        for batch in batches.prefix(50) { try writer.append(batch) }
        let copy = scratch.path("copy.stall")
        let range = try Recording.open(scratch.path()).snapshot(to: copy, last: last)
        for batch in batches.suffix(10) { try writer.append(batch) }
        try writer.finish()
        let snapshot = try Recording.open(copy)
        let ticks: [Int64] = Array((last == nil ? 1 : 41)...50)
        #expect(try snapshot.threadSeconds().filter { $0.thread == 2 }.map(\.tick) == ticks)
        #expect(try count(snapshot, "SELECT count(*) FROM intervals") == ticks.count)
        #expect(range?.upperBound == Fixture.start + 50 * Fixture.second)
        #expect(range?.lowerBound == Fixture.start + UInt64(ticks[0]) * Fixture.second)
        var status = stat()
        try #require(stat(copy, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try count(Recording.open(scratch.path()), "SELECT count(*) FROM ticks") == 60)
        #expect(throws: RecordingError.outputExists(path: copy)) {
            try snapshot.snapshot(to: copy)
        }
    }

    private func size() throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path())
        return (attributes[.size] as? UInt64) ?? 0
    }
}
