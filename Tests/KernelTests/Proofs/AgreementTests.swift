import Foundation
import Model
import Testing

extension Proofs {
    /// States agree with the kernel's own account of the same threads.
    @Suite(.needsKernel, .serialized) struct AgreementTests {
        @Test func busyThreadsShareTheCPUs() throws {
            let seen = try Observation.of("burner", ["4", "1500"])
            seen.expectTimeIsConserved()
            #expect(seen.losses.isEmpty)
            let burners = seen.truths.filter { $0.role == "burner" }
            #expect(burners.count == 4)
            for truth in burners { seen.expectAgreement(with: truth) }
        }

        @Test func pinnedSpinnersWaitForOneAnother() throws {
            let seen = try Observation.of("spinner_pair", ["1500"])
            seen.expectTimeIsConserved()
            for truth in seen.truths where truth.event == "thread" {
                seen.expectAgreement(with: truth)
                let total = seen.total(tid: truth.tid)
                #expect(total.runQueue > 400_000_000)
                #expect(total.involuntarySwitches > 10)
            }
        }
    }
}
