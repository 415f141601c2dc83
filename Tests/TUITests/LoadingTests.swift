import Foundation
import Model
import Recording
import Testing

@testable import TUI

/// From a recording to what is shown.
@Suite struct LoadingTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start: UInt64 = 1_700_000_000 * second

    private static func writer(_ path: String, _ retention: Retention? = nil) throws -> RecordingWriter {
        try RecordingWriter.create(
            at: path,
            header: RecordingHeader(
                host: "box", kernel: "6.1.0", bootID: "b00t", cpus: 2, started: start, interval: second,
                command: "stallscope record --pid 100", version: "0.1.0"), retention: retention)
    }

    /// A tick of two threads, of which the second waits for the first.
    private static func batch(_ number: Int64) -> TickBatch {
        let end = UInt64(number) * second
        var batch = TickBatch(tick: Tick(number: number, time: start + end, bootTime: end, duration: second))
        if number == 1 {
            batch.processes = [
                ProcessVersion(
                    id: 1, process: 1, since: start, pid: 100, parentPID: 1, namespacePID: 100,
                    started: start, comm: "server")
            ]
            batch.threads = [(1, "owner"), (2, "waiter")].map { id, comm in
                ThreadVersion(
                    id: id, thread: id, process: 1, since: start, tid: UInt32(100 + id),
                    namespaceTID: 1, started: start, comm: comm)
            }
        }
        var busy = ThreadSample()
        (busy.alive, busy.onCPU) = (second, second)
        var held = ThreadSample()
        (held.alive, held.interruptible) = (second, second)
        batch.samples = [(1, busy), (2, held)]
        let wait = WaitSample(
            subject: WaitSubject(kind: .futex, syscall: 202),
            waker: Waker(kind: .thread, pid: 100, tid: 101, comm: "owner"), count: UInt64(number),
            total: second)
        batch.waits = [(2, wait)]
        return batch
    }

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "top-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch { print("left behind: \(error)") }
        }
        try body(directory.appending(path: "top.stall").path)
    }

    /// Four ticks.
    private func withRecording(isFinished: Bool = true, _ body: (Recording) throws -> Void) throws {
        try withDirectory { path in
            let writer = try Self.writer(path)
            for number in 1...4 as ClosedRange<Int64> { try writer.append(Self.batch(number)) }
            if isFinished { try writer.finish() }
            try body(Recording.open(path))
        }
    }

    @Test func ticksThatWereLetGoAreForgotten() throws {
        try withDirectory { path in
            let writer = try Self.writer(path, Retention(age: 3 * Self.second))
            for number in 1...2 as ClosedRange<Int64> { try writer.append(Self.batch(number)) }
            var loader = try SnapshotLoader(Recording.open(path))
            #expect(try loader.readTicks())
            #expect(loader.timeline.count == 2)
            for number in 3...9 as ClosedRange<Int64> { try writer.append(Self.batch(number)) }
            #expect(try loader.readTicks())
            #expect(try loader.timeline == Recording.open(path).ticks().map(\.time))
            #expect(loader.timeline.count < 9)
            let snapshot = try loader.load(nil, window: 3)
            #expect(snapshot.elapsed == 9 * Self.second && snapshot.threads.count == 2)
            try writer.finish()
        }
    }

    @Test func aStretchHasItsThreadsWaitsAndWakers() throws {
        try withRecording { recording in
            var loader = SnapshotLoader(recording)
            #expect(try loader.readTicks())
            #expect(try !loader.readTicks())
            let newest = try loader.load(nil, window: 2)
            #expect(newest.time == Self.start + 4 * Self.second)
            #expect(newest.duration == 2 * Self.second && newest.elapsed == 4 * Self.second)
            let waiter = try #require(newest.threads.first { $0.comm == "waiter" })
            #expect(waiter.waits.first?.count == 7 && waiter.waits.first?.wakerThread == 1)
            #expect(waiter.blocked[.lock] == 2 * Self.second)
            let first = try loader.load(loader.timeline[0], window: 3)
            #expect(first.duration == Self.second)
            #expect(first.threads.first { $0.comm == "waiter" }?.waits.first?.count == 1)
        }
    }

    @Test func anUnfinishedRecordingCanBeShown() throws {
        try withRecording(isFinished: false) { recording in
            var loader = SnapshotLoader(recording)
            #expect(try loader.readTicks())
            let snapshot = try loader.load(nil, window: 1)
            #expect(!snapshot.isFinished && snapshot.threads.count == 2)
        }
    }

    @Test func textGoesThroughARecordingTickByTick() throws {
        try withRecording { recording in
            var state = TopState()
            state.isReplay = true
            state.windowTicks = 1
            var text = TopText(recording, state: state, title: "a file", palette: .plain)
            var blocks: [String] = []
            while let block = try text.next() { blocks.append(block) }
            #expect(blocks.count == 4 && text.isFinished)
            #expect(blocks.allSatisfy { $0.contains("waiter") })
            #expect(blocks[0].contains("+1.00 s") && blocks[3].contains("+4.00 s"))
        }
    }

    @Test func theFeedAnswersRequestsAndStops() throws {
        try withRecording { recording in
            let feed = try TopFeed(recording, interval: 50_000_000, request: TopFeed.Request(window: 1))
            feed.start()
            defer { feed.stop() }
            func waitFor(_ time: UInt64) -> Bool {
                for _ in 0..<500 where feed.latest.snapshot.time != time { feed.news.wait(milliseconds: 10) }
                return feed.latest.snapshot.time == time
            }
            #expect(waitFor(Self.start + 4 * Self.second))
            feed.ask(TopFeed.Request(moment: Self.start + 2 * Self.second, window: 1))
            #expect(waitFor(Self.start + 2 * Self.second))
            #expect(feed.failure == nil)
        }
    }
}
