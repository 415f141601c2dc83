import Collector
import CommandRunning
import Foundation
import Model
import Recording
import Testing

extension Proofs {
    /// The same storm of spells, watched twice at once: all of it, and in slices.
    @Suite(.needsKernel, .serialized) struct SampledIntervalTests {
        private struct Spell {
            var left: UInt64
            var ran: UInt64
            var waited: UInt64
        }

        @Test func withinASliceNoSpellIsMissing() throws {
            let program = try HeldProgram("pipe_pair", ["20000", "0"])
            let scratch = try Scratch()
            let recorder = try RunningCommand(
                [
                    "record", "--pid", "\(program.pid)", "--interval", "200ms", "--interval-budget", "1500",
                    "--output",
                    scratch.path(),
                ])
            #expect(
                waits { (try? Recording.open(scratch.path()).ticks().count) ?? 0 > 2 }, "it does not record")
            var options = RecorderOptions()
            options.interval = 200_000_000
            options.intervalBudget = nil
            let full = try Observation.watching([program], options: options)
            let run = try recorder.wait()
            #expect(run.status == 0, "\(run.errors)")
            #expect(!full.losses.contains { $0.place == "interval ring buffer" }, "\(full.losses)")

            let recording = try Recording.open(scratch.path())
            let sampled = try Self.spells(recording.intervals(), recording.threads().map(\.version))
            let all = Self.spells(full.batches.flatMap(\.intervals), Array(full.threads.values))
            let count = all.values.reduce(0) { $0 + $1.count }
            let kept = sampled.values.reduce(0) { $0 + $1.count }
            #expect(
                kept < count / 2 && kept > 100, "\(kept) of \(count): the budget is smaller than the load")

            // Each stamps for itself, one after the other.
            let slack: UInt64 = 50_000
            let begin = all.values.compactMap(\.first?.left).max() ?? 0
            let slices = try recording.intervalSlices().filter {
                $0.from > begin && $0.to - $0.from > 3 * slack
            }
            #expect(!slices.isEmpty)
            var (looked, missing) = (0, 0)
            for slice in slices {
                for (tid, spells) in all {
                    for spell in spells where spell.left < slice.to - slack && spell.ran > slice.from + slack
                    {
                        looked += 1
                        if !Self.has(sampled[tid] ?? [], spell, slack: slack) { missing += 1 }
                    }
                }
            }
            #expect(looked > 100)
            #expect(missing <= looked / 1000, "\(missing) of \(looked)")
            // And what is told is true.
            let wrong = sampled.flatMap { tid, spells in
                spells.filter { $0.left > begin + slack && !Self.has(all[tid] ?? [], $0, slack: slack) }
            }
            #expect(wrong.count <= kept / 1000 + 4, "\(wrong.count) of \(kept)")
        }

        /// In order, by tid.
        private static func spells(_ intervals: [Interval], _ threads: [ThreadVersion]) -> [UInt32: [Spell]] {
            let tids = Dictionary(threads.map { ($0.thread, $0.tid) }, uniquingKeysWith: { $1 })
            return Dictionary(grouping: intervals) { tids[$0.thread] ?? 0 }.mapValues { intervals in
                intervals.filter { $0.waker != .pending }
                    .map { Spell(left: $0.left, ran: $0.ran, waited: $0.woken - $0.left) }.sorted {
                        $0.left < $1.left
                    }
            }
        }

        /// Whether one of the spells began at that time, about, and was as long to the nanosecond, about.
        private static func has(_ spells: [Spell], _ spell: Spell, slack: UInt64) -> Bool {
            var (low, high) = (0, spells.count)
            while low < high {
                let middle = (low + high) / 2
                if spells[middle].left + slack < spell.left { low = middle + 1 } else { high = middle }
            }
            return spells[low...].prefix { $0.left <= spell.left + slack }.contains {
                isClose($0.ran - $0.left, spell.ran - spell.left, within: 0.0001, slack: 50_000)
                    && isClose($0.waited, spell.waited, within: 0.0001, slack: 50_000)
            }
        }
    }
}
