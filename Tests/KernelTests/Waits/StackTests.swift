import Foundation
import Model
import Testing

/// Where in a program threads wait.
@Suite(.needsKernel, .serialized) struct StackTests {
    @Test func withoutTheOptionThereAreNone() throws {
        let seen = try Observation.of("stack_pair", ["2", "10"])
        #expect(seen.batches.allSatisfy { $0.stackWaits.isEmpty && $0.stacks.isEmpty && $0.frames.isEmpty })
    }
}
