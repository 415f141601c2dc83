import Model
import ProbeRecords
import Testing

@testable import Collector
@testable import Probes

/// From what the kernel side says to the rows of a tick.
@Suite struct TickBuilderTests {
    private let processes = FakeProcesses()

    /// With one thread, 1, of process 100.
    private func builder() -> TickBuilder {
        var builder = TickBuilder(
            tasks: TaskTable(source: processes), processes: processes, resources: FakeResources())
        builder.handle(FakeKernel.birth(1, pid: 100, tid: 100))
        return builder
    }

    /// Ends a tick in which the kernel side settled these threads.
    private func tick(
        _ builder: inout TickBuilder, settled: [SampleRecord] = [],
        whileSettling: [KernelEvent] = [], spilled: [(UInt32, WaitRecord)] = [], isLast: Bool = false
    ) -> TickBatch {
        let end = UInt64(builder.number) * FakeKernel.second
        builder.beginSettling(at: end)
        for event in whileSettling { builder.handle(event) }
        for record in settled { builder.handleSettled(record) }
        for (thread, wait) in spilled { builder.handleSpilled(thread, wait) }
        return builder.finish(
            Tick(number: builder.number, time: end, bootTime: end, duration: FakeKernel.second),
            isLast: isLast)
    }

    private func sample(
        _ second: UInt64, thread: UInt32 = 1, waits: [stall_wait] = [], unnamed: UInt64 = 0,
        waiting: stall_wait_kind? = nil, carried: stall_waker_kind? = nil, exitCode: Int32? = nil
    ) -> SampleRecord {
        FakeKernel.sample(
            thread, pid: 100, tid: 99 + thread, second: second, waits: waits, unnamed: unnamed,
            waiting: waiting, carried: carried, exitCode: exitCode)
    }

    /// In every sample, waits add up to the time blocked.
    private func expectConservation(_ batch: TickBatch) {
        var named: [Int64: UInt64] = [:]
        for (thread, wait) in batch.waits { named[thread, default: 0] += wait.total }
        for (thread, sample) in batch.samples {
            #expect(sample.unaccounted == 0)
            #expect(named[thread] ?? 0 == sample.blocked)
        }
    }

    @Test func aThreadsSampleAndWaitsCarryItsVersion() throws {
        var builder = builder()
        let first = tick(&builder, settled: [sample(0, waits: [FakeKernel.wait(STALL_WAIT_FUTEX, 300)])])
        #expect(first.tick.number == 1 && builder.number == 2)
        let version = try #require(first.threads.first?.id)
        #expect(first.samples.map(\.thread) == [version])
        #expect(first.waits.map(\.wait.subject.kind) == [.futex])
        expectConservation(first)
        builder.handle(FakeKernel.rename(1, to: "renamed", at: 5))
        let second = tick(&builder, settled: [sample(1)])
        #expect(second.threads.last?.comm == "renamed")
        #expect(second.samples.map(\.thread) == [second.threads.last?.id])
        #expect(second.threads.last?.process == second.processes.last?.id)
        let third = tick(&builder, settled: [sample(2)])
        #expect(third.threads.isEmpty && third.processes.isEmpty)
        #expect(third.samples.map(\.thread) == second.samples.map(\.thread))
    }

    @Test func equalWaitsAreAdded() {
        var builder = builder()
        let waits = [FakeKernel.wait(STALL_WAIT_PIPE, 100, count: 2), FakeKernel.wait(STALL_WAIT_PIPE, 50)]
        let batch = tick(&builder, settled: [sample(0, waits: waits)])
        #expect(batch.waits.map(\.wait.total) == [150])
        #expect(batch.waits.map(\.wait.count) == [3])
    }

    @Test func aThreadThatStaysBlockedBecomesOneIdleRun() throws {
        var builder = builder()
        let wait = FakeKernel.wait(STALL_WAIT_EPOLL, 400, waker: STALL_WAKER_PENDING)
        let first = tick(&builder, settled: [sample(0, waits: [wait], waiting: STALL_WAIT_EPOLL)])
        #expect(first.idleRuns.isEmpty)
        let second = tick(&builder)
        let run = try #require(second.idleRuns.first)
        #expect(second.idleRuns.count == 1 && run.firstTick == 2 && run.subject.kind == .epoll)
        for _ in 3...5 { #expect(tick(&builder).idleRuns.isEmpty) }
        let last = tick(&builder, settled: [sample(5, carried: STALL_WAKER_THREAD)])
        let end = try #require(last.idleRunEnds.first)
        #expect(end.thread == run.thread && end.lastTick == 5)
        #expect(end.waker == Waker(kind: .thread, pid: 900, tid: 901, comm: "waker"))
        // What was pending in the tick before the run was this waker's too.
        #expect(last.resolutions.map(\.tick) == [1])
        #expect(tick(&builder).idleRuns.isEmpty, "it was on a CPU at last")
    }

    /// A thread is settled before the tick ends; its own stamps lie that much earlier.
    @Test func anIdleRunLastsFromStampToStamp() throws {
        var builder = builder()
        var first = sample(0, waiting: STALL_WAIT_FUTEX)
        first.to -= 300
        _ = tick(&builder, settled: [first])
        let run = try #require(tick(&builder).idleRuns.first)
        #expect(run.firstTick == 2 && run.beginOffset == -300)
        _ = tick(&builder)
        var last = sample(3, carried: STALL_WAKER_THREAD)
        last.from += 20
        let end = try #require(tick(&builder, settled: [last]).idleRunEnds.first)
        #expect(end.lastTick == 3 && end.endOffset == 20)
    }

    @Test func anIdleRunEndsWithItsThread() throws {
        var builder = builder()
        _ = tick(&builder, settled: [sample(0, waiting: STALL_WAIT_FUTEX)])
        let run = try #require(tick(&builder).idleRuns.first)
        // Its name changes meanwhile: the run keeps the version that it was opened under.
        builder.handle(FakeKernel.rename(1, to: "other", at: 5))
        _ = tick(&builder)
        builder.handle(.sample(sample(3, carried: STALL_WAKER_THREAD, exitCode: 9)))
        let last = tick(&builder)
        #expect(last.idleRunEnds.map(\.thread) == [run.thread])
        #expect(last.idleRunEnds.map(\.lastTick) == [3])
        #expect(last.ends.count == 1)
        #expect(tick(&builder).idleRuns.isEmpty)
    }

    /// A signal that does not end a wait makes a report without an end of the wait.
    @Test func aReportInAnIdleRunClosesItWithoutAWaker() {
        var builder = builder()
        _ = tick(&builder, settled: [sample(0, waiting: STALL_WAIT_FUTEX)])
        #expect(tick(&builder).idleRuns.count == 1)
        let third = tick(&builder, settled: [sample(2, waiting: STALL_WAIT_FUTEX)])
        #expect(third.idleRunEnds.map(\.waker) == [.pending])
        let fourth = tick(&builder)
        #expect(fourth.idleRuns.map(\.firstTick) == [4])
        // Who ends it in the end has ended both.
        let last = tick(&builder, settled: [sample(4, carried: STALL_WAKER_TIMER)])
        #expect(last.idleRunEnds.map(\.waker.kind) == [.timer])
        #expect(last.resolutions.map(\.tick) == [2] && last.resolutions.map(\.waker.kind) == [.timer])
    }

    @Test func pendingTimeIsResolvedWhenTheWaitEnds() throws {
        var builder = builder()
        let pending = FakeKernel.wait(STALL_WAIT_FUTEX, 500, waker: STALL_WAKER_PENDING)
        let first = tick(&builder, settled: [sample(0, waits: [pending], waiting: STALL_WAIT_FUTEX)])
        builder.handle(FakeKernel.rename(1, to: "other", at: 5))
        let second = tick(&builder, settled: [sample(1, waits: [pending], waiting: STALL_WAIT_FUTEX)])
        #expect(first.resolutions.isEmpty && second.resolutions.isEmpty)
        let third = tick(
            &builder,
            settled: [
                sample(2, waits: [pending], waiting: STALL_WAIT_FUTEX, carried: STALL_WAKER_TIMER)
            ])
        #expect(third.resolutions.map(\.tick) == [1, 2])
        #expect(third.resolutions.map(\.thread) == [first.threads.last?.id, second.threads.last?.id])
        #expect(third.resolutions.allSatisfy { $0.waker.kind == .timer })
        // It blocked anew in the third tick: that wait is another one.
        let fourth = tick(&builder, settled: [sample(3, carried: STALL_WAKER_INTERRUPT)])
        #expect(fourth.resolutions.map(\.tick) == [3])
        #expect(fourth.resolutions.map(\.waker.kind) == [.interrupt])
    }

    @Test func spilledWaitsReachTheirThreadEvenIfItHasEnded() {
        var builder = builder()
        builder.handle(FakeKernel.birth(2, pid: 100, tid: 101))
        builder.handle(.sample(sample(0, thread: 2, unnamed: 70, exitCode: 0)))
        let batch = tick(
            &builder, settled: [sample(0, unnamed: 100)],
            spilled: [
                (1, FakeKernel.spilled(STALL_WAIT_PIPE, 60)), (2, FakeKernel.spilled(STALL_WAIT_UNIX, 70)),
                (77, FakeKernel.spilled(STALL_WAIT_INET, 1)),
            ])
        expectConservation(batch)
        #expect(Set(batch.waits.map(\.wait.subject.kind)) == [.pipe, .unix, .other])
        // What has no name keeps its time.
        let unnamed = batch.waits.first { $0.wait.waker.kind == .unknown }
        #expect(unnamed?.wait.total == 40 && unnamed?.wait.count == 0)
        #expect(Set(batch.waits.map(\.thread)).count == 2)
    }

    /// Of a process that is gone, what kept it in the run queue has the cgroup that it was in, a quota too.
    @Test func spilledOccupantsOfAnEndedProcessHaveItsCgroup() throws {
        processes.facts[100] = ProcessFacts(cgroup: "/service")
        var builder = builder()
        builder.handle(.sample(sample(0, exitCode: 0)))
        processes.facts = [:]
        for kind in [STALL_OCCUPANT_QUOTA, STALL_OCCUPANT_THREAD] {
            var key = stall_occupant_key()
            key.kind = UInt8(kind.rawValue)
            if kind == STALL_OCCUPANT_THREAD { (key.pid, key.tid) = (100, 101) }
            builder.handleSpilled(1, OccupantRecord(key: key, total: 5, count: 1, comm: UInt64(0)))
        }
        let ended = tick(&builder).occupants.map(\.occupant.occupant)
        #expect(Set(ended.map(\.kind)) == [.quota, .thread])
        #expect(ended.allSatisfy { $0.cgroup == "/service" }, "\(ended)")
        builder.handle(FakeKernel.birth(2, pid: 200, tid: 200))
        var key = stall_occupant_key()
        key.kind = UInt8(STALL_OCCUPANT_THREAD.rawValue)
        (key.pid, key.tid) = (100, 101)
        builder.handleSpilled(2, OccupantRecord(key: key, total: 5, count: 1, comm: UInt64(0)))
        #expect(
            tick(&builder).occupants.map(\.occupant.occupant.cgroup) == [""],
            "another may have its pid by now")
    }

    @Test func whatEndsWhileATickIsSettledBelongsToTheNext() {
        var builder = builder()
        let last = sample(1, exitCode: 0)
        let first = tick(&builder, settled: [sample(0)], whileSettling: [.sample(last)])
        #expect(first.samples.count == 1 && first.ends.isEmpty)
        #expect(first.samples.first?.sample.alive == FakeKernel.second)
        let second = tick(&builder)
        #expect(second.samples.count == 1 && second.ends.count == 1)
        #expect(second.targets.map(\.event) == [.removed])
        #expect(tick(&builder).samples.isEmpty)
    }

    /// Its last sample begins with the tick that it ended in, if it had not been settled; else after that.
    @Test(arguments: [false, true]) func aSleeperThatEndsWhileATickIsSettledIsToldOnce(hasRun: Bool) {
        for isSettled in [false, true] {
            var builder = builder()
            _ = tick(&builder, settled: [sample(0, waiting: STALL_WAIT_FUTEX)])
            let idle: UInt64 = hasRun ? 2 : 1
            if hasRun { #expect(tick(&builder).idleRuns.map(\.firstTick) == [2]) }
            let last = sample(isSettled ? idle + 1 : idle, carried: STALL_WAKER_THREAD, exitCode: 0)
            let during = tick(&builder, whileSettling: [.sample(last)])
            let opens = isSettled && !hasRun
            #expect(during.idleRuns.count == (opens ? 1 : 0) && during.samples.isEmpty)
            let after = tick(&builder)
            #expect(after.samples.count == 1 && after.ends.count == 1)
            #expect(
                after.idleRunEnds.map(\.lastTick)
                    == (hasRun || opens ? [Int64(isSettled ? idle + 1 : idle)] : []))
        }
    }

    @Test func whatEndsWhileTheLastTickIsSettledIsToldInIt() {
        var builder = builder()
        _ = tick(&builder, settled: [sample(0, waiting: STALL_WAIT_FUTEX)])
        let last = sample(1, carried: STALL_WAKER_THREAD, exitCode: 0)
        let batch = tick(&builder, whileSettling: [.sample(last)], isLast: true)
        #expect(batch.samples.count == 1 && batch.ends.count == 1 && batch.idleRuns.isEmpty)
    }

    /// What went unsettled for a tick comes with the next sample: no idle tick is left of that.
    @Test func aSleeperThatWentUnsettledIsToldOnce() {
        var builder = builder()
        _ = tick(&builder, settled: [sample(0, waiting: STALL_WAIT_FUTEX)])
        #expect(tick(&builder).idleRuns.map(\.firstTick) == [2])
        let third = tick(&builder, settled: [sample(1, carried: STALL_WAKER_THREAD)])
        #expect(third.idleRunEnds.map(\.lastTick) == [1], "before it began: there was none")
    }

    @Test func aThreadWhoseBirthWasLostIsKnownByItsSample() throws {
        processes.facts[500] = ProcessFacts(commandLine: "lost", executable: "/bin/lost", cgroup: "/l.slice")
        var builder = builder()
        let unknown = FakeKernel.sample(9, pid: 500, tid: 501, second: 0, unnamed: 10)
        let batch = tick(&builder, settled: [unknown])
        let process = try #require(batch.processes.first { $0.pid == 500 })
        #expect(process.executable == "/bin/lost" && process.cgroup == "/l.slice")
        let thread = try #require(batch.threads.first { $0.tid == 501 })
        #expect(thread.comm == "tid 501" && thread.process == process.id)
        #expect(batch.samples.contains { $0.thread == thread.id })
        expectConservation(batch)
        // One of which only the end is seen.
        builder.handle(.sample(FakeKernel.sample(10, pid: 600, tid: 600, second: 1, exitCode: 256)))
        let next = tick(&builder)
        #expect(next.ends.count == 1)
        #expect(next.targets.map(\.event) == [.added, .removed])
    }

    @Test func aThreadThatEndsIsNotIdleAfterwards() {
        var builder = builder()
        _ = tick(&builder, settled: [sample(0, waiting: STALL_WAIT_SLEEP)])
        builder.handle(.sample(sample(1, exitCode: 0)))
        #expect(tick(&builder).idleRuns.isEmpty)
        #expect(tick(&builder).idleRuns.isEmpty)
    }

    @Test func lossesGoIntoTheirTickOnly() {
        var builder = builder()
        builder.add(Loss(time: 1, what: "names", place: "map", count: 2, advice: "more"))
        #expect(tick(&builder).losses.count == 1)
        #expect(tick(&builder).losses.isEmpty)
    }
}
