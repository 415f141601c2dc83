import Foundation
import Glibc
import Model
import Testing

@testable import Recording

/// A writer that is killed for real.
@Suite struct KilledWriterTests {
    static let childPath = ProcessInfo.processInfo.environment["STALLSCOPE_TEST_KILLED_WRITER"]

    /// The writer: run by the test below in a process of its own, until it is killed.
    @Test(.enabled(if: childPath != nil)) func endlessWriter() throws {
        let writer = try RecordingWriter.create(at: try #require(Self.childPath), header: Fixture.header)
        for number in 1...Int64.max {
            var batch = number == 1 ? Fixture.firstBatch(threads: [1, 2]) : Fixture.batch(number)
            if number == 1 { batch.idleRuns = [IdleRun(thread: 2, firstTick: 1, subject: Fixture.futex)] }
            batch.samples = [(1, Fixture.sample())]
            try writer.append(batch)
        }
    }

    @Test(.enabled(if: childPath == nil)) func whatAKilledWriterLeavesOpensCleanly() throws {
        let scratch = try Scratch()
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        child.arguments = ["--testing-library", "swift-testing", "--filter", "endlessWriter"]
        child.environment = ProcessInfo.processInfo.environment.merging(
            ["STALLSCOPE_TEST_KILLED_WRITER": scratch.path()], uniquingKeysWith: { $1 })
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        try child.run()
        let seen = waitForTicks(in: scratch.path(), atLeast: 50)
        kill(child.processIdentifier, SIGKILL)
        child.waitUntilExit()
        #expect(child.terminationReason == .uncaughtSignal)

        let recording = try Recording.open(scratch.path())
        #expect(!recording.isFinished)
        let ticks = try recording.ticks().map(\.number)
        #expect(seen >= 50 && ticks == Array(1...Int64(ticks.count)) && ticks.count >= seen)
        // A tick is there wholly or not at all, and the idle thread was idle to the end.
        let sum = try recording.conservation()
        #expect(sum.rows == 2 * ticks.count && sum.largestDeviation == 0)
        let check = try recording.query("SELECT integrity_check FROM pragma_integrity_check")
        #expect(check.rows == [[.text("ok")]])
    }

    /// How many ticks a reader saw while the writer was at work; gives up after 20 s.
    private func waitForTicks(in path: String, atLeast count: Int) -> Int {
        var seen = 0
        for _ in 0..<400 where seen < count {
            usleep(50_000)
            do {
                seen = try Recording.open(path).ticks().count
            } catch {
                seen = 0  // The file is not there yet, or is being made.
            }
        }
        return seen
    }
}
