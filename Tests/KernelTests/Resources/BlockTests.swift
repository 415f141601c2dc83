import CommandRunning
import Foundation
import Model
import Probes
import Testing

/// Requests to block devices: how many, whose, and how long they took.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct BlockTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func readsAreTheirThreads() throws {
        let seen = try Observation.of("file_waits", [scratch.path("data"), "100", "8192", "direct"])
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("reader")
        let reads = seen.block(.read).filter { $0.submitter.tid == truth.tid && $0.bytes > 0 }
        let sum = Observation.sum(reads)
        // The program itself may have to be read, too.
        #expect(sum.requests >= 100, "\(sum)")
        #expect(sum.bytes >= 100 * 8192)
        #expect(sum.queueLengths.total == sum.requests && sum.deviceLengths.total == sum.requests)
        #expect(Set(reads.map(\.submitter.pid)) == [seen.pid])
        #expect(Set(reads.map(\.submitter.comm)) == ["file_waits"])
        #expect(sum.longest <= sum.queueTotal + sum.deviceTotal)
    }

    @Test func theyCanBeLeftOut() throws {
        var limits = KernelPlane.Limits()
        limits.hasBlockIO = false
        let seen = try Observation.of(
            "file_waits", [scratch.path("data"), "20", "4096", "direct"], limits: limits)
        #expect(seen.batches.flatMap(\.block).isEmpty)
        seen.expectTimeIsConserved()
    }
}

extension Observation {
    func block(_ operation: RequestOperation) -> [BlockSample] {
        batches.flatMap(\.block).filter { $0.operation == operation }
    }

    static func sum(_ samples: [BlockSample]) -> BlockSample {
        let none = BlockSample(
            device: 0, operation: .other, submitter: BlockSubmitter(pid: 0, tid: 0, comm: ""))
        return samples.reduce(none, +)
    }
}
