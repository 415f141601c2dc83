import Model
import Testing

@testable import Recording

@Suite struct TaskstatsTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static let counters = TaskCounters(
        cpu: TaskDelay(count: 1, total: 10), runReal: 1000, runVirtual: 1001, voluntary: 21, involuntary: 22,
        readBytes: 4096, writtenBytes: 8192,
        delays: TaskDelays(
            blockIO: TaskDelay(count: 2, total: 20), swapIn: TaskDelay(count: 3, total: 30),
            reclaim: TaskDelay(count: 4, total: 40), thrashing: TaskDelay(count: 5, total: 50),
            compaction: TaskDelay(count: 6, total: 60), writeProtectCopy: TaskDelay(count: 7, total: 70)))

    private func recording() throws -> Recording {
        var first = Fixture.firstBatch()
        let thread = try #require(first.threads.first?.id)
        first.accounts = [TaskAccountSample(thread: thread, counters: Self.counters)]
        var second = Fixture.batch(2)
        var known = Self.counters
        known.delays = nil
        second.accounts = [
            TaskAccountSample(thread: thread, counters: known),
            TaskAccountSample(thread: thread, exitCode: 3 << 8 | 9, counters: Self.counters),
        ]
        return try Fixture.recording(scratch, [first, second])
    }

    @Test func everyColumnComesBack() throws {
        let rows = try recording().query(
            """
            SELECT tick, is_exit, exit_status, exit_signal, cpu_count, cpu_ns, run_real_ns, run_virtual_ns,
                voluntary_switches, involuntary_switches, read_bytes, written_bytes, blkio_count, blkio_ns,
                swapin_ns, reclaim_ns, thrashing_ns, compaction_ns, wpcopy_count, wpcopy_ns, irq_ns
            FROM taskstats ORDER BY tick, is_exit
            """
        ).rows
        let numbers: [QueryValue] = [1, 10, 1000, 1001, 21, 22, 4096, 8192].map { .integer($0) }
        let delays: [QueryValue] = [2, 20, 30, 40, 50, 60, 7, 70].map { .integer($0) } + [.null]
        let unknown = [QueryValue](repeating: .null, count: 9)
        #expect(rows[0] == [.integer(1), .integer(0), .null, .null] + numbers + delays)
        #expect(rows[1] == [.integer(2), .integer(0), .null, .null] + numbers + unknown)
        #expect(rows[2] == [.integer(2), .integer(1), .integer(3), .integer(9)] + numbers + delays)
    }

    @Test func sumsOfAThread() throws {
        let totals = try recording().taskstatsTotals()
        #expect(totals.count == 1)
        #expect(totals.first?.exits == 1 && totals.first?.counters.runVirtual == 3003)
        #expect(totals.first?.counters.delays?.sum == 2 * 270)
        #expect(totals.first?.counters.delays?.interrupts == nil)
    }
}
