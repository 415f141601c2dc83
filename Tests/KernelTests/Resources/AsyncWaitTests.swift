import CommandRunning
import Foundation
import Model
import Testing

/// Waits for completions of requests: io_uring and aio.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct AsyncWaitTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test(arguments: [("pipe", WakerKind.thread), ("timeout", .timer), ("file", .block)])
    func rings(how: String, waker: WakerKind) throws {
        let seen = try watch("io_uring_wait", how)
        seen.expectTimeIsConserved()
        let waits = try seen.expectWaits("waiter", .ioUring)
        let ring = try seen.resource(of: waits)
        #expect(ring.kind == .ioUring && ring.name == "io_uring")
        try expectEnds(seen, waits, waker)
    }

    @Test(arguments: [("pipe", WakerKind.thread), ("file", .block)])
    func contexts(how: String, waker: WakerKind) throws {
        let seen = try watch("aio_wait", how)
        seen.expectTimeIsConserved()
        let waits = try seen.expectWaits("waiter", .aio)
        let context = try seen.resource(of: waits)
        #expect(context.kind == .aio && context.name.hasPrefix("aio context 0x"))
        try expectEnds(seen, waits, waker)
    }

    private func watch(_ program: String, _ how: String) throws -> Observation {
        try Observation.of(
            program, how == "file" ? ["100", "0", how, scratch.path("data"), "50"] : ["10", "20", how])
    }

    /// What was done by the time that its waiter gave up its CPU is under way no more: the kernel itself does not call
    /// that waiting for I/O, and no disk is named for it.
    private func expectEnds(_ seen: Observation, _ waits: [WaitSample], _ waker: WakerKind) throws {
        let done = waits.filter { waker == .block && $0.subject.device == 0 }
        let others = waits.filter { waker != .block || $0.subject.device != 0 }
        #expect(others.allSatisfy { ($0.subject.device != 0) == (waker == .block) })
        #expect(
            done.allSatisfy { !$0.subject.isIO && [.interrupt, .pending].contains($0.waker.kind) }, "\(done)")
        let count = waits.reduce(0) { $0 + $1.count }
        #expect(done.reduce(0) { $0 + $1.count } <= count / 5, "\(done) of \(count)")
        seen.expectWakers(of: others, waker, tid: waker == .thread ? try seen.truth("waker").tid : nil)
    }
}
