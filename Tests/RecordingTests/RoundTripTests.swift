import Model
import Testing

@testable import Recording

@Suite struct RoundTripTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func aSampleComesBackWhole() throws {
        var batch = Fixture.firstBatch()
        batch.samples = [(1, Fixture.sample())]
        let rows = try Fixture.recording(scratch, [batch]).threadSeconds()
        #expect(
            rows == [
                ThreadSecond(
                    time: Fixture.start + Fixture.second, tick: 1, pid: 100, tid: 101, process: 1, thread: 1,
                    comm: "worker", processComm: "server", sample: Fixture.sample())
            ])
    }

    @Test func headerTicksAndTasksComeBack() throws {
        var first = Fixture.firstBatch()
        first.targets = [
            TargetEvent(
                time: Fixture.start, pid: 100, process: 1, event: .added, reason: "asked for by --pid")
        ]
        var second = Fixture.batch(2)
        second.threads = [Fixture.thread(2, thread: 1, tid: 101, comm: "renamed")]
        second.threads[0].since = Fixture.start + Fixture.second
        second.ends = [TaskEnd(thread: 2, process: 1, time: 99 + Fixture.start, exitCode: 3 << 8)]
        second.losses = [Loss(time: 5, what: "waits", place: "map", count: 3, advice: "Use a larger map.")]
        let recording = try Fixture.recording(scratch, [first, second])

        #expect(recording.header == Fixture.header)
        #expect(recording.isFinished)
        #expect(try recording.ticks() == [first.tick, second.tick])
        let process = try #require(try recording.processes().first)
        #expect(process.version == Fixture.process())
        #expect(process.ended == 99 + Fixture.start)
        #expect(process.exitStatus == 3 && process.exitSignal == 0)
        let threads = try recording.threads()
        #expect(threads.map(\.version) == first.threads + second.threads)
        #expect(threads.map(\.until) == [Fixture.start + Fixture.second, 99 + Fixture.start])
        #expect(threads.map(\.ended) == [nil, 99 + Fixture.start])
        #expect(
            try recording.targets() == [
                TargetRow(
                    time: Fixture.start, pid: 100, process: 1, comm: "server", event: "added",
                    isRoot: true, reason: "asked for by --pid")
            ])
        #expect(try recording.losses() == second.losses)
    }

    @Test func aWaitComesBackWithNames() throws {
        var batch = Fixture.firstBatch()
        batch.waits = [
            (
                1,
                WaitSample(
                    subject: Fixture.read, waker: Fixture.peer, timedOut: true, count: 4, total: 500,
                    longest: 300, lengths: Histogram(counts: [1, 3]))
            )
        ]
        let wait = try #require(try Fixture.recording(scratch, [batch]).waits().first?.wait)
        #expect(wait.kind == "file_read" && wait.direction == "read" && wait.syscall == "read")
        #expect(wait.isUninterruptible && wait.timedOut)
        #expect(wait.wakerKind == "thread" && wait.wakerPID == 100 && wait.wakerTID == 102)
        #expect(wait.wakerComm == "peer" && wait.resourceID == 0 && wait.resource == nil)
        #expect(wait.count == 4 && wait.total == 500 && wait.longest == 300)
        #expect(wait.lengths == Histogram(counts: [1, 3]))
    }

    @Test func equalWaitsOfATickAreAdded() throws {
        var batch = Fixture.firstBatch()
        let wait = WaitSample(
            subject: Fixture.futex, waker: Fixture.peer, count: 1, total: 10, longest: 10,
            lengths: Histogram(counts: [1]))
        batch.waits = [(1, wait), (1, wait)]
        let rows = try Fixture.recording(scratch, [batch]).waits()
        #expect(rows.count == 1)
        #expect(rows.first?.wait.count == 2 && rows.first?.wait.total == 20)
        #expect(rows.first?.wait.lengths == Histogram(counts: [2]))
    }

    @Test func syscallNamesAreThoseOfTheHeader() {
        let names = Dictionary(uniqueKeysWithValues: Syscalls.all.map { ($0.number, $0.name) })
        #expect(names[0] == "read" && names[202] == "futex" && names[334] == "rseq")
        #expect(names[424] == "pidfd_send_signal" && names[449] == "futex_waitv")
    }

    @Test func histogramsAreJSON() {
        let histogram = Histogram(counts: [0, 12, 4_000_000_000])
        #expect(histogram.json == "[0,12,4000000000]")
        #expect(Histogram(json: histogram.json) == histogram)
        #expect(Histogram(json: nil).isEmpty && Histogram(json: "[]").isEmpty)
        #expect(Histogram(json: "nonsense ]]99999999999999999999").counts.count <= Histogram.slotCount)
    }
}
