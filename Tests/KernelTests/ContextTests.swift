import BPF
import Model
import Testing

/// Who runs when a thread is woken: a thread, or an interrupt that borrowed its CPU.
///
/// The preemption counter that tells is a variable of its own in some kernels and a member of another in the
/// rest, so these hold on every kernel or the place is wrong.
@Suite(.needsKernel, .serialized) struct ContextTests {
    @Test func thePreemptionCounterIsFound() throws {
        let variables = try #require(PerCPUVariables())
        let own = variables.distance(from: "runqueues", to: "__preempt_count")
        let member = variables.distance(from: "runqueues", to: "pcpu_hot", member: "preempt_count")
        #expect((own == nil) != (member == nil), "in one place, and one only")
        #expect(variables.distance(from: "runqueues", to: "runqueues") == 0)
        #expect(variables.distance(from: "runqueues", to: "runqueues", member: "no_such_member") == nil)
        #expect(variables.distance(from: "runqueues", to: "no_such_variable") == nil)
    }

    /// Beside a thread for each CPU that computes, so that the timer interrupts a task that could be blamed.
    @Test func aTimerIsNotTakenForTheTaskThatItInterrupts() throws {
        let burner = try TestProgram("burner").path
        let sleeper = try TestProgram("timer_sleep").path
        let seen = try Observation.of(
            path: "/bin/sh", ["-c", "\(burner) 2 600 >/dev/null & \(sleeper) 20 20 nanosleep; wait"])
        let ended = seen.batches.flatMap(\.waits).map(\.wait).filter { $0.subject.kind == .sleep }
            .filter { $0.count > 0 }
        #expect(ended.reduce(0) { $0 + $1.count } >= 20)
        for wait in ended {
            #expect(![.thread, .itself].contains(wait.waker.kind), "\(wait.waker)")
        }
        seen.expectFewUnseen(ended)
    }

    @Test func aThreadThatWakesAnotherIsNamed() throws {
        let seen = try Observation.of("pipe_pair", ["200", "1"])
        let ended = seen.batches.flatMap(\.waits).map(\.wait)
            .filter { $0.subject.kind == .pipe && $0.count > 0 }
        let named = ended.filter { $0.waker.kind == .thread && $0.waker.tid != 0 }
        #expect(ended.reduce(0) { $0 + $1.count } >= 190)
        #expect(named.reduce(0) { $0 + $1.count } == ended.reduce(0) { $0 + $1.count })
    }
}
