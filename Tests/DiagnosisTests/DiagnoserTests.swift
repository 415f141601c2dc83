import Model
import Testing

@testable import Diagnosis

/// Whole diagnoses of services whose history is written down.  Times are milliseconds.
@Suite struct DiagnoserTests {
    private static let ms: UInt64 = 1_000_000
    private static let second: UInt64 = 1000 * ms

    /// A thread that takes a request each `period` from a client, and is held up in it by what `fault` adds.
    private func server(
        seconds: UInt64, period: UInt64 = 10, work: UInt64 = 1,
        _ fault: (inout Story, _ begin: UInt64, _ isLate: Bool) -> UInt64
    ) -> Findings {
        recording(seconds: seconds, period: period, work: work, fault).diagnose()
    }

    private func recording(
        seconds: UInt64, period: UInt64 = 10, work: UInt64 = 1,
        _ fault: (inout Story, _ begin: UInt64, _ isLate: Bool) -> UInt64
    ) -> Diagnoser {
        var story = Story(threads: 3)
        let client = story.addStranger("client", pid: 99)
        let connection = story.add(.inet, "10.0.0.1:999", .inbound)
        var idleFrom: UInt64 = 0
        var time: UInt64 = period * Self.ms
        while time < seconds * Self.second {
            story.wait(1, idleFrom, time, .inet, resource: connection, by: client)
            idleFrom = fault(&story, time, time >= seconds / 2 * Self.second) + work * Self.ms
            time = max(time + period * Self.ms, idleFrom + Self.ms)
        }
        story.wait(1, idleFrom, seconds * Self.second, .inet, resource: connection, by: .pending)
        story.wait(2, 0, seconds * Self.second, .futex, by: .pending)
        return Diagnoser(story.evidence(0, seconds * Self.second))
    }

    private func verdict(_ findings: Findings) -> Cause? { findings.verdict.map { findings.causes[$0] } }

    @Test func aNeighbourThatTakesTheCPUIsFoundAgainstTheTimeBefore() throws {
        let stress = Occupant(kind: .thread, pid: 77, tid: 77, comm: "stress-ng-cpu", cgroup: "/user")
        let findings = server(seconds: 20) { story, begin, isLate in
            guard isLate else { return begin }
            story.preempt(1, begin + Self.ms / 2, begin + 4 * Self.ms, by: stress)
            return begin + 4 * Self.ms
        }
        let cause = try #require(verdict(findings), "\(findings.summary)")
        #expect(cause.kind == .cpuContention)
        #expect(cause.culprit.comm == "stress-ng-cpu" && cause.culprit.pid == 77)
        #expect(cause.via == "self")
        #expect(findings.baseline != nil)
        #expect(abs((cause.addedPerUnit ?? 0) - 3.5e6) < 2e5)
        #expect(findings.window.from >= 9 * Self.second && findings.window.from <= 11 * Self.second)
        #expect(findings.entryThreads.map(\.thread) == [0])
    }

    /// A thread that always has something to do takes many requests between two pauses, and more of them the better it fares:
    /// such pieces tell nothing of how long a request takes.
    @Test func aNeighbourOfASaturatedServiceIsFoundThoughItsPiecesGetShorter() throws {
        var story = Story(threads: 2)
        let client = story.addStranger("client", pid: 99)
        let connection = story.add(.inet, "10.0.0.1:999", .inbound)
        var time: UInt64 = 0
        while time < 20 * Self.second {
            let isLate = time >= 10 * Self.second
            let idleUntil = time + Self.ms / 4
            story.wait(1, time, idleUntil, .inet, resource: connection, by: client)
            time = idleUntil + (isLate ? 6 : 24) * Self.ms
            if isLate { story.preempt(1, idleUntil + Self.ms, time - 2 * Self.ms, by: Self.neighbour) }
        }
        let findings = Diagnoser(story.evidence(0, time)).diagnose()
        let cause = try #require(verdict(findings), "\(findings.summary)")
        #expect(cause.kind == .cpuContention && cause.culprit.pid == 77)
        #expect(cause.addedPerUnit == nil, "of pieces that are no requests")
        #expect(findings.window.from >= 9 * Self.second && findings.baseline != nil)
    }

    /// Time on a CPU that the hypervisor had is its, and no more than that.
    @Test func whatWasStolenIsTheHypervisors() throws {
        var story = Story(threads: 1)
        story.wait(1, 0, 10 * Self.ms, .sleep, by: Waker(kind: .timer))
        let evidence = story.evidence(0, 110 * Self.ms) {
            $0.add(StolenShare(from: 60 * Self.ms, to: 110 * Self.ms, share: 0.4), ofThread: 1)
        }
        var account = ThreadAccount(evidence, ClientWaits(evidence), start: 0, width: Self.second)
        let bin = account.account(for: 0, .connections).sum(0..<1)
        let stolen = bin.causes.filter { $0.key.terminal.kind == .cpuSteal }
        #expect(stolen.values.reduce(0, +) == 20 * Self.ms)
        #expect(bin.causes.filter { $0.key.terminal.kind == .onCPU }.values.reduce(0, +) == 80 * Self.ms)
        #expect(bin.service + bin.idle == account.seen)
    }

    private static let neighbour = Occupant(kind: .thread, pid: 77, tid: 77, comm: "stress-ng-cpu")

    private func disturbed(_ story: inout Story, _ begin: UInt64) -> UInt64 {
        story.preempt(1, begin + Self.ms / 2, begin + 4 * Self.ms, by: Self.neighbour)
        return begin + 4 * Self.ms
    }

    /// The neighbour's turns take as much longer as the service's own: neither of them is what changed.
    @Test func aSlowerCPUIsNoNeighboursFault() {
        let findings = server(seconds: 20) { story, begin, isLate in
            let (own, held) =
                isLate ? (Self.ms * 11 / 10, Self.ms * 55 / 100) : (Self.ms / 5, Self.ms * 3 / 10)
            story.preempt(1, begin + own, begin + own + held, by: Self.neighbour)
            return begin + own + held
        }
        #expect(verdict(findings) == nil, "\(findings.summary)")
    }

    @Test func aRecordingIsComparedWithAnother() throws {
        let good = recording(seconds: 10) { _, begin, _ in begin }
        let bad = recording(seconds: 6) { story, begin, _ in disturbed(&story, begin) }
        let cause = try #require(verdict(bad.diagnose(against: good)))
        #expect(cause.kind == .cpuContention && cause.culprit.pid == 77)
        #expect(abs((cause.addedPerUnit ?? 0) - 3.5e6) < 2e5)
        #expect(verdict(good.diagnose(against: good)) == nil)
        #expect(verdict(good.diagnose(against: bad)) == nil)
    }

    @Test func aGivenBaselineAndWindowAreTaken() throws {
        // It is well again in the last third: what is found by itself is not what is asked for.
        let diagnoser = recording(seconds: 18) { story, begin, isLate in
            isLate && begin < 15 * Self.second ? disturbed(&story, begin) : begin
        }
        var options = DiagnosisOptions()
        options.baseline = 0..<8 * Self.second
        options.window = 10 * Self.second..<14 * Self.second
        let findings = diagnoser.diagnose(options)
        #expect(verdict(findings)?.kind == .cpuContention)
        #expect(findings.window.from == 10 * Self.second && findings.window.to == 14 * Self.second)
        #expect(findings.baseline?.to == 8 * Self.second)
        options.window = 16 * Self.second..<18 * Self.second
        #expect(verdict(diagnoser.diagnose(options)) == nil)
    }

    @Test func moreWorkThatTakesNoLongerIsNoBottleneck() {
        var count = 0
        let findings = server(seconds: 20, period: 5) { _, begin, isLate in
            count += 1
            // Half the requests come only in the second half.
            return begin
        }
        #expect(verdict(findings) == nil, "\(findings.summary)")
        #expect(count > 1000)
    }

    @Test func aServiceThatHasNoTimeLeftComputes() throws {
        let findings = server(seconds: 20) { _, begin, isLate in isLate ? begin + 30 * Self.ms : begin }
        let cause = try #require(verdict(findings), "\(findings.summary)")
        #expect(cause.kind == .onCPU && cause.via == "self")
        #expect(cause.culprit.tid == 10)
    }

    @Test func aLockWhoseHolderWaitsForItsClientIsTheClients() throws {
        var story = Story(threads: 2)
        let client = story.addStranger("client", pid: 99)
        let first = story.add(.inet, "10.0.0.1:1", .inbound)
        let second = story.add(.inet, "10.0.0.1:2", .inbound)
        let row = story.add(.futex, "row lock")
        // Thread 2 takes the lock, and its client lets it wait for 900 ms each second; thread 1 wants it.
        for round in 0..<20 as Range<UInt64> {
            let begin = round * Self.second
            story.wait(2, begin + 10 * Self.ms, begin + 910 * Self.ms, .inet, resource: second, by: client)
            story.wait(1, begin + 20 * Self.ms, begin + 920 * Self.ms, .futex, resource: row, by: 2)
            story.wait(1, begin + 930 * Self.ms, begin + 990 * Self.ms, .inet, resource: first, by: client)
            story.wait(2, begin + 930 * Self.ms, begin + 1000 * Self.ms, .inet, resource: second, by: client)
        }
        let evidence = story.evidence(0, 20 * Self.second)
        let findings = Diagnoser(evidence, entryThreads: [0]).diagnose()
        let cause = try #require(verdict(findings), "\(findings.summary)")
        #expect(cause.kind == .client && cause.via == "futex")
        #expect(cause.culprit.tid == 11)
        // 890 of 920 ms of service.
        #expect(cause.share > 0.93 && cause.share < 0.98, "\(cause.share)")
    }

    @Test func aWorkerThatWaitsForTheDispatcherIsIdle() throws {
        var story = Story(threads: 3)
        let client = story.addStranger("client", pid: 99)
        let connection = story.add(.inet, "10.0.0.1:1", .inbound)
        let queue = story.add(.futex, "queue")
        let file = story.add(.file, "/data")
        // 1 takes requests and hands each to 2, which reads from the disk for 60 of 100 ms.
        for round in 0..<100 as Range<UInt64> {
            let begin = round * 100 * Self.ms
            story.wait(1, begin, begin + 20 * Self.ms, .epoll, resource: connection, by: client)
            story.wait(2, begin, begin + 21 * Self.ms, .futex, resource: queue, by: 1)
            story.wait(
                1, begin + 21 * Self.ms, begin + 100 * Self.ms, .epoll, resource: connection, by: client)
            story.wait(
                2, begin + 22 * Self.ms, begin + 99 * Self.ms, .fileRead, resource: file,
                by: Waker(kind: .block),
                device: Schedule.disk)
        }
        // The answer goes to the client.
        for round in 0..<100 as Range<UInt64> {
            let begin = round * 100 * Self.ms
            story.wait(client, begin + 21 * Self.ms, begin + 99 * Self.ms, .inet, by: 2)
        }
        // 3 flushes in the background, and nobody waits for it.
        for round in 0..<10 as Range<UInt64> {
            story.wait(
                3, round * Self.second, round * Self.second + 400 * Self.ms, .sleep, by: Waker(kind: .timer))
            story.wait(
                3, round * Self.second + 400 * Self.ms, (round + 1) * Self.second, .fsync,
                by: Waker(kind: .block),
                device: Schedule.disk + 1)
        }
        let findings = Diagnoser(story.evidence(0, 10 * Self.second)).diagnose()
        #expect(findings.entryThreads.map(\.service) == [.connections, .pool])
        let cause = try #require(verdict(findings), "\(findings.summary)")
        #expect(cause.kind == .blockDevice && cause.via == "file")
        #expect(findings.coverage.unattributed < 0.05)
    }

    @Test(arguments: [1, 8]) func waitersForOneHolderBlameNoMoreThanTheyWaited(waiters: Int) throws {
        var story = Story(threads: waiters + 2)
        let lock = story.add(.futex, "lock")
        let holder = Int64(waiters + 1)
        let file = story.add(.file, "/log")
        for round in 0..<10 as Range<UInt64> {
            let begin = round * Self.second
            for waiter in 1...Int64(waiters) {
                story.wait(
                    waiter, begin + 100 * Self.ms, begin + 900 * Self.ms, .futex, resource: lock, by: holder)
            }
            story.wait(
                holder, begin + 50 * Self.ms, begin + 850 * Self.ms, .fsync, resource: file,
                by: Waker(kind: .block),
                device: Schedule.disk)
        }
        story.wait(Int64(waiters + 2), 0, 10 * Self.second, .futex, by: .pending)
        let evidence = story.evidence(0, 10 * Self.second)
        let entries = EntryThreads(
            evidence, chosen: (0..<Int32(waiters)).map { $0 }, start: 0, width: Self.second)
        let sum = entries.ledger.sum(0..<10)
        let disk = sum.causes.filter { $0.key.terminal.kind == .blockDevice }.values.reduce(0, +)
        #expect(disk == UInt64(waiters) * 10 * 750 * Self.ms)
        #expect(sum.service + sum.idle == UInt64(waiters) * 10 * Self.second)
        let findings = Diagnoser(evidence).diagnose()
        #expect(verdict(findings)?.kind == .blockDevice, "\(findings.summary)")
        if waiters == 8 {
            #expect(verdict(findings)?.path.map(\.waitKind) == ["futex", "fsync"])
            #expect(verdict(findings)?.via == "futex")
        }
    }

    @Test func threadsThatSpinAreOnTheCPUAndNothingElse() throws {
        var story = Story(threads: 2)
        let other = Occupant(kind: .thread, pid: 10, tid: 11, comm: "t2")
        for round in 0..<100 as Range<UInt64> {
            story.preempt(1, round * 100 * Self.ms + 50 * Self.ms, (round + 1) * 100 * Self.ms, by: other)
        }
        let findings = Diagnoser(story.evidence(0, 10 * Self.second)).diagnose()
        let cause = try #require(verdict(findings))
        #expect(cause.kind == .onCPU && cause.via == "self")
        #expect(cause.share == 1)
    }
}
