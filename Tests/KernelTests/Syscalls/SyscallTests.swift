import Foundation
import Model
import Probes
import Testing

/// System calls: how many, with what result, for how long, and what they moved.
@Suite(.needsKernel, .serialized) struct SyscallTests {
    private static func run(
        _ length: String = "5", counting syscalls: Set<Int> = KernelPlane.Limits.allSyscalls,
        interval: Duration = .milliseconds(500), adopting: Bool = false
    ) throws -> Observation {
        var limits = KernelPlane.Limits()
        limits.syscalls = syscalls
        let seen = try Observation.of(
            "syscall_mix", [length], interval: interval, limits: limits, adopting: adopting)
        #expect(seen.losses.isEmpty)
        seen.expectTimeIsConserved()
        return seen
    }

    @Test(arguments: [false, true]) func callsAndErrorsAreCounted(adopting: Bool) throws {
        let seen = try Self.run(adopting: adopting)
        try expectBytes(seen)
        try expectWakes(seen)
        let caller = try seen.truth("caller")
        let truths = seen.truths.filter { $0.event == "calls" }
        #expect(truths.count == 10)
        for truth in truths {
            let sum = seen.calls(try #require(truth.role), tid: caller.tid)
            #expect(sum.calls == truth.rounds && sum.errors == truth.errors, "\(truth) and \(sum)")
            #expect(sum.lengths.total == sum.calls && sum.longest <= sum.total)
        }
    }

    /// Their numbers are other calls' here.
    @Test func callsOfThe32BitKindAreLeftOut() throws {
        var limits = KernelPlane.Limits()
        limits.syscalls = KernelPlane.Limits.allSyscalls
        let seen = try Observation.of("compat_calls", ["1000"], limits: limits)
        let calls = seen.batches.flatMap(\.syscalls).map(\.sample)
        #expect(!calls.isEmpty && !calls.contains { $0.syscall == Int16(Self.number("writev")) })
    }

    /// Bytes are their sockets' and pipes'.
    private func expectBytes(_ seen: Observation) throws {
        let truths = seen.truths.filter { $0.event == "moved" }
        #expect(truths.count == 6)
        let ids = Dictionary(
            seen.batches.flatMap(\.resources).map { ($0.inode, $0.id) }, uniquingKeysWith: { $1 })
        for truth in truths {
            let id = try #require(ids[truth.inode ?? 0], "\(truth)")
            let samples = seen.batches.flatMap(\.traffic).map(\.sample)
                .filter { $0.resource == id && $0.direction.name == truth.role }
            #expect(samples.reduce(0) { $0 + $1.bytes } == truth.bytes, "\(truth) and \(samples)")
            #expect(samples.reduce(0) { $0 + $1.calls } == truth.rounds, "\(truth) and \(samples)")
        }
    }

    /// Calls that went on when ticks ended have each nanosecond in one tick, and come to their whole length.
    @Test func aLongCallsTimeIsThatOfItsTicks() throws {
        let seen = try Self.run("400", interval: .milliseconds(50))
        let caller = try seen.truth("caller")
        let parts = seen.callSamples("nanosleep", tid: caller.tid)
        #expect(parts.count >= 2)
        let sum = seen.calls("nanosleep", tid: caller.tid)
        #expect(sum.calls == 1 && sum.total == sum.longest, "\(parts)")
        #expect(sum.total >= 400_000_000 && sum.total <= caller.wait_ns ?? 0)
        #expect(parts.filter { $0.calls == 0 }.allSatisfy { $0.total > 0 && $0.lengths.isEmpty })
    }

    /// Calls that wake tell whether they woke anybody.
    private func expectWakes(_ seen: Observation) throws {
        let truth = try #require(seen.truths.first { $0.event == "wakes" })
        let wakes = seen.calls("futex", tid: try seen.truth("caller").tid) { $0.operation == .wake }
        #expect(wakes.calls == truth.rounds && wakes.errors == 0)
        #expect(wakes.positive == truth.someone && wakes.moved == truth.someone)
        #expect(wakes.calls - wakes.positive == truth.nobody)
        let waits = seen.batches.flatMap(\.syscalls).map(\.sample).filter { $0.operation == .wait }
        #expect(waits.reduce(0) { $0 + $1.calls } >= truth.someone ?? 0)
    }

    @Test func onlyThoseOfTheListAreCounted() throws {
        let seen = try Self.run(counting: [SyscallTests.number("getppid"), SyscallTests.number("recvfrom")])
        let caller = try seen.truth("caller")
        #expect(Set(seen.batches.flatMap(\.syscalls).map(\.sample.syscall)) == [110, 45])
        #expect(seen.calls("getppid", tid: caller.tid).calls == 300)
        // What is read is that of the calls that are counted.
        #expect(Set(seen.batches.flatMap(\.traffic).map(\.sample.direction)) == [.read])
    }

    @Test func withoutBeingAskedForThereAreNone() throws {
        let seen = try Self.run(counting: [])
        #expect(seen.batches.flatMap(\.syscalls).isEmpty && seen.batches.flatMap(\.traffic).isEmpty)
    }

    static func number(_ name: String) -> Int { Syscalls.find(name).number ?? -1 }
}

extension Observation {
    func callSamples(
        _ name: String, tid: UInt32?, where isWanted: (SyscallSample) -> Bool = { _ in true }
    ) -> [SyscallSample] {
        let number = SyscallTests.number(name)
        let threads = threads
        return batches.flatMap(\.syscalls)
            .filter { tid == nil || threads[$0.thread]?.tid == tid }.map(\.sample)
            .filter { Int($0.syscall) == number && isWanted($0) }
    }

    /// The sum over all ticks; of all threads if no tid is given.
    func calls(
        _ name: String, tid: UInt32?, where isWanted: (SyscallSample) -> Bool = { _ in true }
    ) -> SyscallSample {
        callSamples(name, tid: tid, where: isWanted)
            .reduce(into: SyscallSample(syscall: Int16(SyscallTests.number(name)))) { $0 += $1 }
    }
}
