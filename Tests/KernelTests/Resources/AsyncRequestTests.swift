import Collector
import CommandRunning
import Foundation
import Logging
import Model
import Probes
import Testing

/// Requests of io_uring and aio, beside programs that know how long they take.
@Suite(.needsKernel, .serialized) struct AsyncRequestTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Under emulation it takes seconds until the programs are attached.
    private static let rounds: UInt64 = KernelAccess.isEmulated ? 500 : 200

    /// Each request is waited for, and nothing else happens meanwhile.  Linux 6.1 polls a pipe, and then lets a worker
    /// read it all the same.
    @Test(arguments: [("pipe", [AsyncIssue.poll, .worker], "read"), ("timeout", [.inline], "timeout")])
    func rings(how: String, issues: [AsyncIssue], operation: String) throws {
        let rounds = Self.rounds
        let seen = try Observation.of("io_uring_wait", ["\(rounds)", "2", how])
        #expect(seen.losses.isEmpty && seen.watchedRings)
        seen.expectTimeIsConserved()
        let truth = try seen.truth("waiter")
        let samples = seen.async.filter { $0.tid == truth.tid }.map(\.sample)
        let sum = Observation.sum(samples)
        // The programs are attached when the ring is there, so its first requests may be missed.
        #expect(sum.requests <= rounds, "\(sum)")
        #expect(sum.requests >= 1, "\(sum)")
        #expect(sum.errors == 0 && sum.completions == sum.requests && sum.lengths.total == sum.requests)
        #expect(samples.allSatisfy { issues.contains($0.issue) })
        #expect(Set(samples.map { AsyncOperations.ofRings[Int($0.operation)] }) == [operation])
        // From within the wait to within it.
        #expect(sum.total <= truth.wait_ns ?? 0, "\(sum) of \(truth)")
        let waits = try seen.expectWaits("waiter", .ioUring)
        #expect(Set(samples.map(\.ring)) == Set(waits.map(\.subject.resource)))
        let files = Set(samples.compactMap { seen.resources[$0.file]?.kind })
        #expect(files == (how == "pipe" ? [.pipe] : []))
    }

    /// It has an account like every other thread of the process, though no fork made it.
    @Test func theThreadOfARingIsAccountedFor() throws {
        let seen = try Observation.of("io_uring_wait", ["20", "2", "worker"])
        seen.expectTimeIsConserved()
        let waiter = try seen.truth("waiter")
        let workers = seen.threads.values.filter { $0.comm.hasPrefix("iou-wrk-") }
        #expect(!workers.isEmpty)
        for worker in workers {
            #expect(seen.processes[worker.process]?.pid == waiter.pid)
            let total = seen.total(tid: worker.tid)
            #expect(total.onCPU > 0 && total.runQueues > 0 && total.blocked > 0, "\(worker): \(total)")
        }
    }

    @Test func whatIsUnderWayAtTheEndOfATickIsTold() throws {
        let seen = try Observation.of(
            "io_uring_wait", ["30", "20", "pipe"], interval: .milliseconds(50))
        let ticks = seen.batches.map { batch in batch.async.reduce(0) { $0 + $1.sample.inFlight } }
        #expect(ticks.contains(1) && ticks.allSatisfy { $0 <= 1 }, "\(ticks)")
        for (_, sample) in seen.async {
            #expect((sample.inFlight > 0) == (sample.inFlightTotal > 0))
        }
        #expect(ticks.last == 0)
    }

    /// A ring that was there before.
    @Test func ringsOfThoseThatRunAlreadyAreFound() throws {
        // It goes on until it is ended with the test.
        let program = try HeldProgram("io_uring_wait", ["1000000", "2", "pipe"])
        program.release()
        try #require(waits { try program.said().contains { $0.role == "waiter" && $0.event == "resource" } })
        var samples: [AsyncSample] = []
        let plane = try KernelPlane(collectorPID: UInt32(getpid()))
        let recorder = try Recorder(
            options: RecorderOptions(), plane: plane, source: HostProcesses(), resources: HostResources(),
            logger: Logger(label: "test")
        ) { samples += $0.async.map(\.sample) }
        try recorder.add([(program.pid, "asked for by a test")])
        let deadline = Clock.bootTime() + 60_000_000_000
        try recorder.run { Clock.bootTime() > deadline || samples.contains { $0.requests > 0 } }
        #expect(plane.watchesRings)
        #expect(samples.contains { $0.requests > 0 && $0.file != 0 && $0.ring != 0 }, "\(samples)")
    }

    @Test func nothingIsAttachedForThoseWithoutARing() throws {
        #expect(try !Observation.of("futex_pair", ["20", "1"]).watchedRings)
    }

    @Test func theyCanBeLeftOut() throws {
        var limits = KernelPlane.Limits()
        limits.hasRings = false
        let seen = try Observation.of("io_uring_wait", ["5", "2", "pipe"], limits: limits)
        #expect(seen.batches.flatMap(\.async).isEmpty && !seen.watchedRings)
        seen.expectTimeIsConserved()
        try seen.expectWaits("waiter", .ioUring)
    }

    @Test func contextsOfAIO() throws {
        var limits = KernelPlane.Limits()
        limits.syscalls = AsyncRequestTests.aioCalls
        let rounds = UInt64(KernelAccess.scaled(60))
        let seen = try Observation.of("aio_wait", ["\(rounds)", "2", "pipe"], limits: limits)
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("waiter")
        let samples = seen.async.filter { $0.tid == truth.tid }.map(\.sample)
        let sum = Observation.sum(samples)
        #expect(sum.requests == rounds && sum.errors == 0 && sum.untold == 0, "\(sum)")
        #expect(samples.allSatisfy { $0.issue == .aio && AsyncOperations.ofAIO[Int($0.operation)] == "poll" })
        // It is submitted before the wait.
        #expect(sum.total >= truth.asleep_ns ?? .max, "\(sum) of \(truth)")
        #expect(sum.total <= (truth.end_ns ?? 0) - (truth.start_ns ?? 0), "\(sum) of \(truth)")
        let waits = try seen.expectWaits("waiter", .aio)
        #expect(Set(samples.map(\.ring)) == Set(waits.map(\.subject.resource)))
        #expect(Set(samples.compactMap { seen.resources[$0.file]?.kind }) == [.pipe])
    }

    @Test func withoutItsCallsNothingIsToldOfAIO() throws {
        var limits = KernelPlane.Limits()
        limits.syscalls = [209]
        let seen = try Observation.of("aio_wait", ["5", "10", "pipe"], limits: limits)
        #expect(seen.batches.flatMap(\.async).isEmpty)
    }

    /// io_submit and io_getevents.
    static let aioCalls: Set = [208, 209]
}

extension Observation {
    /// Requests of threads that are known.
    var async: [(tid: UInt32, sample: AsyncSample)] {
        let threads = threads
        return batches.flatMap(\.async).compactMap { entry in
            threads[entry.thread].map { ($0.tid, entry.sample) }
        }
    }

    static func sum(_ samples: [AsyncSample]) -> AsyncSample {
        samples.reduce(into: AsyncSample(ring: 0, file: 0, operation: 0, issue: .inline)) { $0 += $1 }
    }
}
