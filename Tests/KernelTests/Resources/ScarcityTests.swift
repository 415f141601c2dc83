import Foundation
import Model
import Probes
import Testing

/// Maps that are far too small: what is lost is told, and time is not.
@Suite(.needsKernel, .serialized) struct ScarcityTests {
    @Test func aFullMapOfResources() throws {
        var limits = KernelPlane.Limits()
        limits.resources = 4
        let seen = try Observation.of("member_set", ["10", "1", "epoll", "6"], limits: limits)
        seen.expectTimeIsConserved()
        let loss = try #require(seen.losses.first { $0.what == KernelLoss.resource.what })
        #expect(loss.advice.contains("--resource-entries") && loss.count > 0)
        #expect(seen.resources.count <= 4)
        // Waits keep their kind and waker.
        let unnamed = seen.batches.flatMap(\.waits).map(\.wait).filter { $0.subject.resource == 0 }
        #expect(unnamed.contains { $0.total > 0 && $0.subject.kind != .other })
    }

    @Test func aFullMapOfWaitsAndOccupants() throws {
        var limits = KernelPlane.Limits()
        limits.waits = 1
        // Twelve threads on one CPU wait for each other.
        let program = try TestProgram("burner").path
        let seen = try Observation.of(
            path: "taskset", ["-c", "1", program, "12", "400"], limits: limits, printsTruth: true)
        seen.expectTimeIsConserved()
        let loss = try #require(seen.losses.first { $0.what == KernelLoss.occupant.what })
        #expect(loss.advice.contains("--wait-entries"))
        #expect(seen.occupants.contains { $0.occupant.occupant.kind == .unknown && $0.occupant.total > 0 })
    }

    /// What does not fit is told, and time is conserved all the same.
    @Test func aFullMapOfWaitsLosesNamesAndNoTime() throws {
        var limits = KernelPlane.Limits()
        limits.waits = 1
        // Twenty pipes end the waits of one thread in turn: more kinds of waits than a thread keeps itself.
        let seen = try Observation.of(
            "member_set", ["60", "1", "epoll", "20", "pipe"], interval: .seconds(2), limits: limits)
        seen.expectTimeIsConserved()
        #expect(
            seen.losses.contains { $0.what == KernelLoss.wait.what && $0.advice.contains("--wait-entries") })
        #expect(
            seen.batches.flatMap(\.waits).contains { $0.wait.waker.kind == .unknown && $0.wait.total > 0 })
    }
}
