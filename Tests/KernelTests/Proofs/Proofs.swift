import Model
import Testing

/// What depends on how this machine is doing, or on programs of others: durations against constants, agreement with other
/// tools and with the kernel's own counters, big workloads.  `make verify` runs these; the gate (`make test`) leaves them
/// out, for what fails here need not be wrong.
enum Proofs {}

extension Observation {
    /// The resource that nearly all of the time of these waits is on.
    func resource(
        ofMost waits: [WaitSample], sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Resource {
        let total = waits.reduce(0) { $0 + $1.total }
        let byResource = Dictionary(grouping: waits, by: \.subject.resource)
            .mapValues { $0.reduce(0) { $0 + $1.total } }
        let first = byResource.max { $0.value < $1.value }
        #expect(first?.value ?? 0 >= total - total / 100, "\(byResource)", sourceLocation: sourceLocation)
        return try #require(
            first.flatMap { resources[$0.key] }, "no resource", sourceLocation: sourceLocation)
    }
}
