import BPF
import Model
import Testing

extension Proofs {
    /// Which member of a set ended a wait, while the programs that tell are attached.
    @Suite(.needsKernel, .serialized) struct MemberTests {
        /// What tells a polled socket's data is not attached while nobody needs it: the first wait finds that out.
        @Test func membersAreToldFromTheSecondWaitOn() throws {
            guard try KernelTypes().hasTracepoint("sk_data_ready") else { return }
            let seen = try Observation.of(
                "member_set", ["6", "400", "poll", "3", "inet"], interval: .milliseconds(100))
            #expect(seen.losses.isEmpty)
            let waits = seen.namedWaits.filter { $0.wait.subject.kind == .poll && $0.wait.count > 0 }
            let named = waits.filter { $0.member?.kind == .inet }
            #expect(named.reduce(0) { $0 + $1.wait.count } == 5, "\(Observation.list(waits))")
            #expect(waits.reduce(0) { $0 + $1.wait.count } == 6, "\(Observation.list(waits))")
        }
    }
}
