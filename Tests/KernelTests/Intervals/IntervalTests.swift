import CommandRunning
import Model
import Recording
import Testing

/// Single spells off the CPU, all of them: they are the thread's sums, one by one.
@Suite(.needsKernel, .serialized) struct IntervalTests {
    /// Waits for pipes, locks and timers of threads and processes, and CPUs that are to be waited for.
    static let programs: [[String]] = [
        ["pipe_pair", "200", "1"], ["futex_pair", "50", "5", "condition"], ["sleeper", "100", "5"],
        ["burner", "3", "700"], ["short_threads", "100", "500"],
    ]

    @Test(arguments: programs) func spellsTileALife(program: [String]) throws {
        let seen = try Observation.of(program[0], Array(program.dropFirst()), intervalBudget: nil)
        #expect(!seen.losses.contains { $0.place == "interval ring buffer" }, "\(seen.losses)")
        let spells = Dictionary(grouping: seen.batches.flatMap(\.intervals), by: \.thread)
        let rows = Dictionary(grouping: seen.rows, by: \.thread.thread)
        #expect(!spells.isEmpty)
        for (thread, rows) in rows {
            let total = rows.reduce(into: ThreadSample()) { $0 += $1.sample }
            let spells = (spells[thread] ?? []).sorted { $0.left < $1.left }
            let waited = spells.reduce(0) { $0 + ($1.woken - $1.left) }
            let woke = spells.reduce(0) { $0 + ($1.queued - $1.woken) }
            let queued = spells.reduce(0) { $0 + ($1.ran - $1.queued) }
            let name = rows[0].thread.comm
            // Each is told in whole nanoseconds of the wall clock, which runs at its own rate.
            let slack = UInt64(2000 + 2 * spells.count)
            // Where it was switched to or from and no program saw it, the sums are set right at the tick's end, single
            // spells are not.
            if total.missedSwitches == 0 {
                #expect(
                    isClose(waited, total.blocked, within: 0.001, slack: slack),
                    "\(name): \(waited), \(total.blocked)")
                #expect(
                    isClose(woke, total.waking, within: 0.001, slack: slack),
                    "\(name): \(woke), \(total.waking)")
                #expect(
                    isClose(queued, total.runQueue, within: 0.001, slack: slack),
                    "\(name): \(queued), \(total.runQueue)")
            }
            #expect(UInt64(spells.count) == total.runQueues, "\(name)")
            for (spell, next) in zip(spells, spells.dropFirst()) {
                #expect(spell.ran <= next.left, "\(name)")
            }
            for spell in spells {
                #expect(spell.left <= spell.woken && spell.woken <= spell.queued && spell.queued <= spell.ran)
                #expect((spell.occupant == nil) == (spell.queued == spell.ran))
                #expect(spell.wait != nil || spell.woken == spell.left)
            }
        }
    }

    /// The waits of two processes that wake each other name the other's thread, which was on a CPU when it did that.
    @Test func whoEndedAWaitWasOnACPU() throws {
        let seen = try Observation.of("pipe_pair", ["100", "1"], intervalBudget: nil)
        let writer = try #require(seen.truths.first { $0.role == "writer" }?.tid)
        let reader = try #require(seen.truths.first { $0.role == "reader" }?.tid)
        let threads = Dictionary(seen.threads.values.map { ($0.tid, $0.thread) }, uniquingKeysWith: { $1 })
        let spells = Dictionary(grouping: seen.batches.flatMap(\.intervals), by: \.thread)
        let ofReader = try #require(threads[reader].flatMap { spells[$0] })
        let pipeWaits = ofReader.filter { $0.wait?.kind == .pipe && $0.waker.kind == .thread }
        #expect(!pipeWaits.isEmpty)
        let ofWriter = try #require(threads[writer].flatMap { spells[$0] })
        var off: [Interval] = []
        for wait in pipeWaits {
            #expect(wait.waker.tid == writer && wait.wakerThread == threads[writer])
            off += ofWriter.filter { $0.left < wait.woken && wait.woken < $0.ran }
        }
        // Unless it was switched to and no program saw it.
        #expect(UInt64(off.count) <= seen.total(tid: writer).missedSwitches, "\(off)")
        let sleeps = ofWriter.filter { $0.wait?.kind == .sleep }
        // A waking that interrupts a thread which no program may run for goes unseen.
        let unseen = sleeps.filter { $0.waker.kind != .timer || $0.wakerThread != 0 }
        #expect(!sleeps.isEmpty && UInt64(unseen.count) <= seen.unseenTurns, "\(unseen)")
    }

    @Test func everythingIsASliceWhereAllIsKept() throws {
        let seen = try Observation.of(
            "sleeper", ["50", "5"], interval: .milliseconds(200), intervalBudget: nil)
        let slices = seen.batches.flatMap(\.slices)
        let first = try #require(slices.first), last = try #require(slices.last)
        #expect(slices.reduce(0) { $0 + ($1.to - $1.from) } == last.to - first.from, "without gaps")
        let start = try #require(seen.threads.values.map(\.since).min())
        #expect(first.from <= start)
        #expect(last.to == seen.batches.last?.tick.time)
    }
}
