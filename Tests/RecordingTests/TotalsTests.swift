import Model
import Testing

@testable import Recording

/// Totals are summed from the tables, past the views; they must say the same as the views.
@Suite struct TotalsTests {
    let scratch: Scratch
    let recording: Recording

    init() throws {
        scratch = try Scratch()
        var random = SystemRandomNumberGenerator()
        var batches: [TickBatch] = [Fixture.firstBatch(threads: [1, 2, 3, 4])]
        batches += (2...40).map { Fixture.batch($0) }
        // Thread 1 is renamed half-way.
        batches[19].threads = [Fixture.thread(9, thread: 1, tid: 101, comm: "renamed")]
        var open: Set<Int64> = []
        for index in batches.indices {
            for thread in [index < 19 ? 1 : 9, 2, 3, 4] as [Int64] {
                if index == 19, open.remove(1) != nil {
                    batches[index].idleRunEnds.append(IdleRunEnd(thread: 1, lastTick: 19, waker: .pending))
                }
                let idles = Int.random(in: 0..<4, using: &random) > 0
                if open.contains(thread) {
                    if idles { continue }
                    batches[index].idleRunEnds.append(
                        IdleRunEnd(
                            thread: thread, lastTick: Int64(index),
                            endOffset: .random(in: -1000...1000, using: &random), waker: Fixture.peer))
                    open.remove(thread)
                } else if idles {
                    batches[index].idleRuns.append(
                        IdleRun(
                            thread: thread, firstTick: Int64(index + 1),
                            beginOffset: .random(in: -1000...1000, using: &random),
                            subject: thread == 2 ? Fixture.read : Fixture.futex))
                    open.insert(thread)
                    continue
                }
                batches[index].samples.append((thread, Fixture.sample(onCPU: .random(in: 1...500_000_000))))
                batches[index].waits.append(
                    (
                        thread,
                        WaitSample(
                            subject: Fixture.futex, waker: Fixture.peer, count: 2, total: 777, longest: 5,
                            lengths: Histogram(counts: [2]))
                    ))
            }
        }
        recording = try Fixture.recording(scratch, batches)
    }

    static var filters: [Filter] {
        var range = Filter()
        (range.from, range.to) = (
            Fixture.start + 7 * Fixture.second, Fixture.start + 23 * Fixture.second
        )
        var thread = range
        thread.threadNames = ["renamed"]
        var tid = Filter()
        tid.tids = [102, 103]
        return [Filter(), range, thread, tid]
    }

    @Test(arguments: filters) func threadsAreAsInTheView(filter: Filter) throws {
        var expected: [Int64: ThreadSample] = [:]
        for row in try recording.threadSeconds(filter) {
            expected[row.thread, default: ThreadSample()] += row.sample
        }
        let totals = try recording.threadTotals(filter)
        #expect(Dictionary(uniqueKeysWithValues: totals.map { ($0.thread, $0.sample) }) == expected)
        let view = try recording.conservation(filter)
        let sums = Conservation(threads: totals, waits: try recording.waitTotals(filter))
        #expect(view == sums)
    }

    @Test(arguments: filters) func waitsAreAsInTheView(filter: Filter) throws {
        struct Key: Hashable {
            var thread: Int64
            var kind: String
            var direction, syscall, waker: String?
        }
        func sums(_ waits: [WaitTotal]) -> [Key: [UInt64]] {
            var sums: [Key: [UInt64]] = [:]
            for wait in waits {
                let key = Key(
                    thread: wait.thread, kind: wait.kind, direction: wait.direction, syscall: wait.syscall,
                    waker: wait.wakerKind + (wait.wakerComm ?? ""))
                let old = sums[key] ?? [0, 0, 0, 0]
                sums[key] = [
                    old[0] + wait.count, old[1] + wait.total, max(old[2], wait.longest),
                    old[3] + wait.lengths.total,
                ]
            }
            return sums
        }
        var filter = filter
        #expect(try sums(recording.waitTotals(filter)) == sums(recording.waits(filter).map(\.wait)))
        filter.kinds = [.fileRead]
        filter.wakerNames = ["pe*"]
        #expect(try sums(recording.waitTotals(filter)) == sums(recording.waits(filter).map(\.wait)))
    }
}
