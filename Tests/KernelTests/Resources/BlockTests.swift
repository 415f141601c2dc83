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
        let seen = try Observation.of("file_waits", [scratch.path("data"), "400", "8192", "direct"])
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("reader")
        let reads = seen.block(.read).filter { $0.submitter.tid == truth.tid && $0.bytes > 0 }
        let sum = Observation.sum(reads)
        // The program itself may have to be read, too.
        #expect((400...440).contains(sum.requests), "\(sum)")
        #expect(sum.bytes >= 400 * 8192)
        #expect(sum.queueLengths.total == sum.requests && sum.deviceLengths.total == sum.requests)
        #expect(Set(reads.map(\.submitter.pid)) == [seen.pid])
        #expect(Set(reads.map(\.submitter.comm)) == ["file_waits"])
        // The thread waits for each of them; what it waits for beside is the way there and back.
        let wait = truth.wait_ns ?? 0
        #expect(sum.queueTotal + sum.deviceTotal <= wait + wait / 10, "\(sum) of \(wait) ns")
        #expect(sum.deviceTotal >= wait / 10, "\(sum) of \(wait) ns")
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
