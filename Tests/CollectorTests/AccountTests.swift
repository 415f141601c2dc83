import Model
import Testing

@testable import Collector
@testable import Netlink

/// What each tick adds to the kernel's counters of threads.
@Suite struct AccountTests {
    private static let second: UInt64 = 1_000_000_000

    private static func version(_ id: Int64, tid: UInt32, thread: Int64? = nil, late: Bool = false)
        -> ThreadVersion
    {
        ThreadVersion(
            id: id, thread: thread ?? id, process: 1, since: late ? 5 * second : second, tid: tid,
            namespaceTID: tid, started: second, comm: "t")
    }

    private static func batch(
        _ threads: [ThreadVersion] = [], ran: [Int64] = [], ended: [Int64] = []
    ) -> TickBatch {
        var batch = TickBatch(tick: Tick(number: 1, time: 0, bootTime: 0, duration: second))
        batch.threads = threads
        batch.samples = ran.map { ($0, ThreadSample()) }
        batch.ends = ended.map { TaskEnd(thread: $0, process: nil, time: 0, exitCode: 0) }
        return batch
    }

    private static func counters(_ run: UInt64) -> TaskCounters {
        TaskCounters(runVirtual: run, delays: TaskDelays(blockIO: TaskDelay(count: 1, total: run)))
    }

    private static func exit(_ tid: UInt32, _ run: UInt64, code: Int32 = 0) -> TaskStatistics {
        TaskStatistics(tid: tid, exitCode: code, counters: counters(run))
    }

    @Test func onlyGrowthIsTold() {
        var table = AccountTable()
        let first = table.samples(of: Self.batch([Self.version(1, tid: 10)], ran: [1])) { _ in
            Self.counters(5)
        }
        #expect(first.map(\.counters.runVirtual) == [5])
        #expect(table.samples(of: Self.batch()) { _ in Self.counters(9) }.isEmpty, "it has not run")
        #expect(
            table.samples(of: Self.batch(ran: [1])) { _ in Self.counters(9) }.map(\.counters.runVirtual) == [
                4
            ])
        table.add(exit: Self.exit(10, 12, code: 256))
        let last = table.samples(of: Self.batch(ran: [1], ended: [1])) { _ in nil }
        #expect(last.map(\.counters.runVirtual) == [3] && last.first?.exitCode == 256)
    }

    @Test func whatWasCountedBeforeIsNotOfTheRecording() {
        var table = AccountTable()
        table.begin(with: [Self.version(1, tid: 10, late: true)]) { _ in Self.counters(100) }
        let samples = table.samples(of: Self.batch([Self.version(1, tid: 10, late: true)], ran: [1])) { _ in
            Self.counters(130)
        }
        #expect(samples.map(\.counters.runVirtual) == [30])
        // One that was found by itself begins with the first look at it.
        let found = Self.batch([Self.version(2, tid: 11, late: true)], ran: [2])
        #expect(table.samples(of: found) { _ in Self.counters(100) }.isEmpty)
        #expect(
            table.samples(of: Self.batch(ran: [2])) { _ in Self.counters(101) }.map(\.counters.runVirtual)
                == [1])
    }

    @Test func delaysAreKnownOnlyOfThreadsThatBeganSince() {
        var table = AccountTable()
        let batch = Self.batch([Self.version(1, tid: 10)], ran: [1])
        #expect(table.samples(of: batch) { _ in Self.counters(1) }.first?.counters.delays == nil)
        table.delaysSince = 2 * Self.second
        #expect(
            table.samples(of: Self.batch(ran: [1])) { _ in Self.counters(2) }.first?.counters.delays == nil)
        table.delaysSince = Self.second
        let known = table.samples(of: Self.batch(ran: [1])) { _ in Self.counters(4) }
        #expect(known.first?.counters.delays?.blockIO.total == 2)
    }

    @Test func delaysLongerThanTheThreadsLifeAreNotBelieved() {
        var table = AccountTable()
        table.delaysSince = 0
        let batch = Self.batch([Self.version(1, tid: 10)], ran: [1])
        let samples = table.samples(of: batch) { _ in Self.counters(31_000 * Self.second) }
        #expect(samples.count == 1 && samples.first?.counters.delays == nil && table.impossible == 1)
    }

    @Test func anIdThatIsGivenOutAgainBelongsToTheOlderFirst() {
        var table = AccountTable()
        table.add(exit: Self.exit(10, 1))
        table.add(exit: Self.exit(10, 2))
        let versions = [Self.version(1, tid: 10), Self.version(2, tid: 10)]
        let samples = table.samples(of: Self.batch(versions, ran: [1, 2], ended: [1, 2])) { _ in nil }
        #expect(samples.map(\.thread) == [1, 2] && samples.map(\.counters.runVirtual) == [1, 2])
    }

    @Test func aRecordMayComeATickBeforeItsBirthOrAfterItsEnd() {
        var table = AccountTable()
        table.add(exit: Self.exit(10, 1))
        #expect(table.samples(of: Self.batch()) { _ in nil }.isEmpty)
        #expect(table.samples(of: Self.batch([Self.version(1, tid: 10)], ended: [1])) { _ in nil }.count == 1)
        _ = table.samples(of: Self.batch([Self.version(2, tid: 11)], ended: [2])) { _ in nil }
        table.add(exit: Self.exit(11, 1))
        #expect(table.samples(of: Self.batch()) { _ in nil }.count == 1)
    }

    @Test func whoHasToWaitLosesNothing() {
        var table = AccountTable()
        table.mostQueries = 1
        let both = Self.batch([Self.version(1, tid: 10), Self.version(2, tid: 11)], ran: [1, 2])
        #expect(table.samples(of: both) { _ in Self.counters(5) }.map(\.thread) == [1])
        #expect(table.samples(of: Self.batch(ran: [1])) { _ in Self.counters(7) }.map(\.thread) == [2])
        #expect(table.samples(of: Self.batch()) { _ in Self.counters(8) }.map(\.counters.runVirtual) == [3])
    }
}
