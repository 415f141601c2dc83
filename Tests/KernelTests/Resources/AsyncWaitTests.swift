import CommandRunning
import Foundation
import Model
import Testing

/// Waits for completions of requests: io_uring and aio.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct AsyncWaitTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func rings() throws {
        let data = scratch.path("data")
        let ways: [(how: [String], waker: WakerKind)] = [
            (["10", "2", "pipe"], .thread), (["10", "3", "timeout"], .timer),
            (["100", "0", "file", data, "20"], .block),
        ]
        let runs = try Observation.ofEach(ways.map { ["io_uring_wait"] + $0.how })
        for (seen, way) in zip(runs, ways) {
            let waits = try waits(seen, .ioUring, way.waker)
            let ring = try seen.resource(of: waits)
            #expect(ring.kind == .ioUring && ring.name == "io_uring")
        }
    }

    @Test func contexts() throws {
        let data = scratch.path("data")
        let ways: [(how: [String], waker: WakerKind)] = [
            (["10", "2", "pipe"], .thread), (["100", "0", "file", data, "20"], .block),
        ]
        let runs = try Observation.ofEach(ways.map { ["aio_wait"] + $0.how })
        for (seen, way) in zip(runs, ways) {
            let waits = try waits(seen, .aio, way.waker)
            let context = try seen.resource(of: waits)
            #expect(context.kind == .aio && context.name.hasPrefix("aio context 0x"))
        }
    }

    /// What was done by the time that its waiter gave up its CPU is under way no more: no disk is named for it then.
    private func waits(_ seen: Observation, _ kind: WaitKind, _ waker: WakerKind) throws -> [WaitSample] {
        let truth = try seen.truth("waiter")
        let all = seen.namedWaits.filter { $0.thread.tid == truth.tid }
        let found = all.filter { $0.wait.subject.kind == kind }
        if waker == .block {
            let (count, sum) = found.reduce(into: (UInt64(0), UInt64(0))) {
                $0 = ($0.0 + $1.wait.count, $0.1 + $1.wait.total)
            }
            #expect(count > 0 && count <= truth.switches ?? 0 && sum <= truth.wait_ns ?? 0)
            #expect(found.contains { $0.wait.waker.kind == .block }, "\(Observation.list(found))")
            for named in found where named.wait.count > 0 {
                #expect([.block, .interrupt, .thread, .unknown].contains(named.wait.waker.kind), "\(named)")
            }
        } else {
            seen.expectBrackets(of: found, truth, of: all)
            #expect(found.allSatisfy { $0.wait.subject.device == 0 })
            seen.expectWakers(
                of: found.map(\.wait), waker, tid: waker == .thread ? try seen.truth("waker").tid : nil)
        }
        return found.map(\.wait)
    }
}
