import Model
import Probes
import ProcFS
import Testing

/// Performance counters that there are not.
@Suite(.needsKernel, .serialized) struct PMUTests {
    @Test func whatTheMachineLacksIsLeftOut() throws {
        var limits = KernelPlane.Limits()
        // No processor has an event of the second number.
        limits.pmu = try ["page-faults", "rffffffffffffffff"].map { try #require(PMUEvent(name: $0)) }
        limits.cpus = HostIdentity.onlineCPUNumbers() ?? [0]
        let plane = try KernelPlane(collectorPID: 1, limits: limits)
        #expect(plane.pmuEvents.map(\.name) == ["page-faults"])
    }
}
