import Foundation
import Model
import Testing

extension Proofs {
    /// The kernel's own pressure stall information.
    @Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct PressureTests {
        /// Two busy threads on one CPU: one of them always waits for it.
        @Test func aSharedCPUIsPressure() throws {
            let seen = try Observation.of("spinner_pair", ["1000"])
            let some = seen.batches.flatMap(\.pressure).filter { $0.resource == .cpu && $0.cgroup.isEmpty }
                .reduce(0) { $0 + $1.some }
            #expect(some > 500_000_000, "\(some)")
        }
    }
}
