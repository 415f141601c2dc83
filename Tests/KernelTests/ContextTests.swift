import BPF
import Model
import Testing

/// Who runs when a thread is woken: a thread, or an interrupt that borrowed its CPU.
///
/// The preemption counter that tells is a variable of its own in some kernels and a member of another in the
/// rest, so these hold on every kernel or the place is wrong.
@Suite(.needsKernel, .serialized) struct ContextTests {
    @Test func thePreemptionCounterIsFound() throws {
        let variables = try #require(PerCPUVariables(KernelTypes()))
        let own = variables.distance(from: "runqueues", to: "__preempt_count")
        let member = variables.distance(from: "runqueues", to: "pcpu_hot", member: "preempt_count")
        #expect((own == nil) != (member == nil), "in one place, and one only")
        #expect(variables.distance(from: "runqueues", to: "runqueues") == 0)
        #expect(variables.distance(from: "runqueues", to: "runqueues", member: "no_such_member") == nil)
        #expect(variables.distance(from: "runqueues", to: "no_such_variable") == nil)
    }

    @Test func aThreadThatWakesAnotherIsNamed() throws {
        let seen = try Observation.ofEach([["pipe_pair", "100", "1"]])[0]
        for (role, other) in [("reader", "writer"), ("writer", "reader")] {
            let waits = try seen.expectWaits(role, .pipe)
            seen.expectWakers(of: waits, .thread, tid: try seen.truth(other).tid)
        }
    }
}
