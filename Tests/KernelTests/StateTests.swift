import CommandRunning
import Foundation
import Model
import Recording
import Testing

/// Time is conserved, to the nanosecond, and each stretch of it is booked under its own state.
@Suite(.needsKernel, .serialized) struct StateTests {
    @Test func aSleeperSleeps() throws {
        let seen = try Observation.of("states", ["sleep", "40", "2"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try seen.truth("sleeper")
        let total = seen.total(tid: truth.tid)
        let sleeps = seen.waits(tid: truth.tid).filter { $0.subject.kind == .sleep }
        let count = sleeps.reduce(0) { $0 + $1.count }
        let slept = sleeps.reduce(0) { $0 + $1.total }
        #expect((truth.rounds ?? 0) <= count && count <= UInt64(truth.voluntary ?? 0))
        // What it measured around its calls is their sleep, and of its other states some part.
        let measured = truth.wait_ns ?? 0
        #expect(slept <= measured && measured <= slept + total.onCPU + total.waking + total.runQueue)
        #expect(total.onCPU - total.stolen < total.blocked)
        #expect(total.uninterruptible <= total.blocked - slept, "sleeping is no disk wait")
    }

    @Test func aSpinnerIsNeverBlocked() throws {
        let scratch = try Scratch()
        let target = try RunningCommand(["spin"], program: TestProgram("states").path)
        defer { target.end() }
        let tid = try #require(try spinningThread(of: target.pid), "it does not begin to spin")
        let run = try RunningCommand.run(
            [
                "record", "--pid", "\(target.pid)", "--interval", "100ms", "--duration", "500ms", "--output",
                scratch.path(),
            ])
        #expect(run.status == 0, "\(run.errors)")
        let totals = try Recording.open(scratch.path()).threadTotals()
        let total = try #require(totals.first { $0.tid == tid }).sample
        #expect(total.blocked == 0 && total.waking == 0)
        #expect(total.onCPU + total.runQueue == total.alive && total.onCPU > 0)
        #expect(total.voluntarySwitches == 0 && total.wakeups == 0 && total.waitsWithoutWaker == 0)
    }

    @Test func spinnersOnOneCPUWaitForOneAnother() throws {
        let seen = try Observation.of("spinner_pair", ["400"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let tids = seen.truths.filter { $0.event == "thread" }.compactMap(\.tid)
        #expect(tids.count == 2)
        for tid in tids {
            let total = seen.total(tid: tid)
            #expect(total.runQueue > 0 && total.involuntarySwitches > 0 && total.runQueues > 0)
            let held = seen.occupants(ofTID: tid)
            #expect(held.contains { $0.occupant.tid != tid && tids.contains($0.occupant.tid) })
            #expect(!held.contains { $0.occupant.tid == tid }, "nobody waits for itself")
            #expect(
                !held.contains {
                    $0.occupant.kind == .quota || $0.occupant.pid == 0 && $0.occupant.kind == .thread
                })
        }
    }

    /// A waker often comes while the other thread is still on its way to sleep; it is its waker all the same.
    @Test func noWaitIsWithoutAWaker() throws {
        let seen = try Observation.of("states", ["turns", "3000"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let first = try seen.truth("first"), second = try seen.truth("second")
        for (truth, other) in [(first, second), (second, first)] {
            let waits = seen.waits(tid: truth.tid).filter { $0.subject.kind == .event }
            let count = waits.reduce(0) { $0 + $1.count }
            #expect((truth.rounds ?? 0) <= count && count <= UInt64(truth.voluntary ?? 0))
            let byOther = waits.filter { $0.waker.kind == .thread && $0.waker.tid == other.tid }
                .reduce(0) { $0 + $1.count }
            let total = seen.total(tid: truth.tid)
            #expect(total.waitsWithoutWaker * 1000 <= count, "\(total.waitsWithoutWaker) of \(count)")
            #expect((count - byOther) * 1000 <= count, "\(waits.map { "\($0.waker) \($0.count)" })")
        }
    }

    @Test func shortThreadsAreComplete() throws {
        let seen = try Observation.of("short_threads", ["200", "1"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let ended = Set(seen.batches.flatMap(\.ends).map(\.thread))
        #expect(ended.count == 201)
        // Each thread ends in its last version.
        let last = Dictionary(grouping: seen.threads.values, by: \.thread).values.compactMap {
            $0.map(\.id).max()
        }
        #expect(Set(last) == ended)
    }

    @Test func shortProcessesAreAllThere() throws {
        let seen = try Observation.of("fork_storm", ["200", "300", "4", "1"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try #require(seen.truths.first { $0.event == "children" })
        let children = seen.processes.values.filter { $0.parentPID == seen.pid }
        #expect(Set(children.map(\.process)).count == 200)
        let threads = seen.threads.values.filter { seen.processes[$0.process]?.pid != seen.pid }
        #expect(UInt64(Set(threads.map(\.thread)).count) == truth.threads)
        let events = seen.batches.flatMap(\.targets)
        #expect(events.count { $0.event == .added } == 201)
        #expect(events.count { $0.event == .removed } == 201)
    }

    /// A wait that began before the recording and goes on after it is the recording's whole time, and no more.
    @Test func aWaitThatIsOpenAtBothEndsIsClipped() throws {
        let scratch = try Scratch()
        let target = try RunningCommand(["60"], program: "/bin/sleep")
        defer { target.end() }
        try waitUntilAsleep(target.pid, inCall: 230)
        let before = bootTime()
        let run = try RunningCommand.run(
            [
                "record", "--pid", "\(target.pid)", "--interval", "100ms", "--duration", "700ms", "--output",
                scratch.path(),
            ])
        let after = bootTime()
        #expect(run.status == 0, "\(run.errors)")
        let recording = try Recording.open(scratch.path())
        let conservation = try recording.conservation()
        #expect(conservation.blocked == conservation.alive && conservation.alive > 0)
        #expect(conservation.waits == conservation.blocked)
        #expect(conservation.alive <= after - before)
        let waits = try recording.waitTotals()
        #expect(waits.count == 1 && waits[0].kind == "sleep" && waits[0].count == 0, "\(waits)")
        #expect(waits.first?.wakerKind == "pending")
        let spell = try #require(try recording.intervals().last)
        let end = try #require(try recording.ticks().last).time
        #expect(spell.ran == end && spell.woken == end && spell.waker == .pending)
        #expect(end - spell.left <= after - before)
    }
}

/// The other thread of the program, once it computes.
private func spinningThread(of pid: pid_t) throws -> UInt32? {
    var found: UInt32?
    _ = try waits {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")
        found = names.compactMap { UInt32($0) }.first { $0 != UInt32(pid) }
        guard let found else { return false }
        // Of a thread that has left its last system call the kernel says so.
        let call = try String(contentsOfFile: "/proc/\(pid)/task/\(found)/syscall", encoding: .utf8)
        let stat = try String(contentsOfFile: "/proc/\(pid)/task/\(found)/stat", encoding: .utf8)
        let fields = stat.split(separator: " ")
        return call.hasPrefix("running") && fields.count > 13 && (Int(fields[13]) ?? 0) > 1
    }
    return found
}

/// Waits until a process sleeps in this system call.
func waitUntilAsleep(_ pid: pid_t, inCall number: Int) throws {
    let isAsleep = try waits {
        try String(contentsOfFile: "/proc/\(pid)/syscall", encoding: .utf8).hasPrefix("\(number) ")
    }
    try #require(isAsleep, "process \(pid) does not sleep in call \(number)")
}

/// `CLOCK_BOOTTIME`, ns.
private func bootTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
