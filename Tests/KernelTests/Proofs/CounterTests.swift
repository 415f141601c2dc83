import Model
import Probes
import ProcFS
import Testing

extension Proofs {
    /// Performance counters of each thread.  Software events go the same way as the hardware's, and are on every machine.
    @Suite(.needsKernel, .serialized) struct CounterTests {
        private static func limits(_ names: [String]) throws -> KernelPlane.Limits {
            var limits = KernelPlane.Limits()
            limits.pmu = try names.map { try #require(PMUEvent(name: $0)) }
            limits.cpus = HostIdentity.onlineCPUNumbers() ?? [0]
            return limits
        }

        private static func sums(_ samples: [PMUSample]) -> [String: PMUSample] {
            samples.reduce(into: [:]) { sums, sample in
                sums[
                    sample.event.name,
                    default: PMUSample(event: sample.event, counter: 0, enabled: 0, running: 0)
                ] +=
                    sample
            }
        }

        /// The clock of the events is what the thread had of its CPU; faults are those that the kernel counts for it.
        @Test func whatAThreadCountsIsItsOwn() throws {
            let seen = try Observation.of(
                "burner", ["4", "600"], limits: Self.limits(["task-clock", "page-faults"]))
            seen.expectTimeIsConserved()
            #expect(seen.losses.isEmpty)
            var samples: [Int64: ThreadSample] = [:]
            for row in seen.rows { samples[row.thread.id, default: ThreadSample()] += row.sample }
            var compared = 0
            for (thread, counts) in Dictionary(grouping: seen.batches.flatMap(\.pmu), by: \.thread) {
                guard let sample = samples[thread], sample.onCPU > 50_000_000 else { continue }
                let sums = Self.sums(counts.map(\.sample))
                let clock = try #require(sums["task-clock"])
                let onCPU = sample.onCPU + sample.stolen
                // A turn that went unseen is told.
                #expect(
                    isClose(clock.counter + clock.unseen, onCPU, within: 0.01, slack: 2_000_000),
                    "\(clock) of \(onCPU) ns")
                compared += 1
                let faults = sample.minorFaults + sample.majorFaults
                let counted = sums["page-faults"]?.counter ?? 0
                #expect(counted <= faults + 2, "\(counted) of \(faults)")
                if clock.unseen == 0 { #expect(isClose(counted, faults, within: 0.02, slack: 2)) }
            }
            #expect(compared >= 4)
        }

        /// A thread that keeps its CPU over many ticks is counted in each of them.
        @Test func aLongTurnIsCountedInEachTick() throws {
            let seen = try Observation.of(
                "burner", ["1", "1500"], interval: .milliseconds(100), limits: Self.limits(["task-clock"]))
            let full = seen.batches.filter { batch in
                let clock = batch.pmu.reduce(0) { $0 + $1.sample.counter }
                let onCPU = batch.samples.reduce(0) { $0 + $1.sample.onCPU + $1.sample.stolen }
                return onCPU > 50_000_000 && isClose(clock, onCPU, within: 0.05, slack: 3_000_000)
            }
            #expect(full.count >= 4, "\(seen.batches.map { $0.pmu.map(\.sample.counter) })")
        }
    }
}
