import Model
import Testing

/// Waits for futexes: which one, for how long, and who ended them.
@Suite(.needsKernel, .serialized) struct FutexTests {
    private static let inOneProcess = ExpectedWait(kind: .futex, resource: .futex)

    @Test func twoThreads() throws {
        let kinds = ["private", "pi", "requeue", "join"].map { ["futex_kinds", "10", "2", $0] }
        let runs = try Observation.ofEach(
            kinds + [
                ["futex_kinds", "10", "2", "waitv"], ["futex_kinds", "10", "3", "bitset"],
                ["futex_pair", "10", "2", "mutex"], ["futex_pair", "10", "2", "condition"],
            ])
        for seen in runs[..<4] { try seen.expect(Self.inOneProcess) }
        try expectRequeuing(runs[2])
        try expectJoining(runs[3])
        try expectOneOfTwo(runs[4])
        // A timeout is nobody's waking.
        try runs[5].expect(ExpectedWait(kind: .futex, resource: .futex, waker: .timer, timedOut: true))
        for seen in runs[6...] { try expectMutexAndCondition(seen) }
    }

    /// The word lies in the program's own variables, so it has a name, which is found while the program is there.
    @Test(arguments: [
        (["futex_kinds", "1", "2", "private"], "first_word"), (["futex_kinds", "1", "2", "pi"], "inherited"),
        (["futex_pair", "1", "2", "mutex"], "lock"),
    ])
    func aVariableHasItsName(program: [String], variable: String) throws {
        func names(_ seen: Observation) -> [String] {
            seen.resources.values.filter { $0.kind == .futex }.map(\.name)
        }
        func isNamed(_ seen: Observation) -> Bool {
            names(seen).contains { $0.contains(variable) && $0.hasSuffix("(\(program[0]))") }
        }
        let seen = try Observation.of(program[0], Array(program.dropFirst()), lingeringUntil: isNamed)
        seen.expectTimeIsConserved()
        #expect(isNamed(seen), "\(names(seen))")
    }

    /// The waker names the futex that the waiter was moved to.
    private func expectRequeuing(_ seen: Observation) throws {
        let second = try #require(seen.truths.first { $0.event == "words" }?.second)
        let first = try #require(seen.resourceTruths("waiter").first)
        for named in try ended(seen) where first.isAbout(named.resource) && !named.isUnseen {
            #expect(named.member?.identity.hasSuffix(":" + second) == true, "\(named)")
        }
    }

    private func expectOneOfTwo(_ seen: Observation) throws {
        let words = try #require(seen.truths.first { $0.event == "words" })
        let truth = try seen.truth("waiter")
        let waits = seen.namedWaits.filter { $0.thread.tid == truth.tid && $0.resource?.kind == .set }
        seen.expectBrackets(of: waits, truth)
        for named in waits where named.wait.count > 0 && !named.isUnseen {
            #expect(named.wait.waker.tid == seen.resourceTruths("waiter").first?.waker_tid, "\(named)")
            #expect(named.member?.identity.hasSuffix(":" + (words.second ?? "")) == true, "\(named)")
            let members = named.resource?.members.compactMap { seen.resources[$0]?.identity } ?? []
            #expect(members.count == 2 && members[0].hasSuffix(":" + (words.first ?? "")), "\(members)")
        }
    }

    /// The kernel wakes the one who joins, on behalf of the thread that ends, through an operation on shared memory
    /// although the word is private.
    private func expectJoining(_ seen: Observation) throws {
        let joined = seen.resourceTruths("waiter").compactMap(\.waker_tid)
        #expect(joined.count == 10)
        let wakers = Set(try ended(seen).filter { !$0.isUnseen }.map(\.wait.waker.tid))
        #expect(wakers.count + Int(seen.unseenTurns) >= joined.count && wakers.isSubset(of: joined))
    }

    private func expectMutexAndCondition(_ seen: Observation) throws {
        let holder = try seen.truth("holder").tid
        let truth = try seen.truth("waiter")
        let told = try #require(seen.truths.first { $0.event == "futex" })
        let all = seen.namedWaits.filter { $0.thread.tid == truth.tid && $0.resource?.kind == .futex }
        // A condition lies in several words; who is woken then waits for the mutex.
        let waits = all.filter { named in
            let words = named.resource?.identity.split(separator: ":").last.map {
                String($0.dropFirst(2))
            }
            let word = words.flatMap { UInt64($0, radix: 16) } ?? 0
            return [(told.mutex, 40), (told.condition, 48)].contains { place, size in
                let start = place.flatMap { UInt64($0.dropFirst(2), radix: 16) } ?? .max
                return word >= start && word - start < size
            }
        }
        seen.expectBrackets(of: waits, truth, of: all)
        for named in waits where named.wait.count > 0 && !named.isUnseen {
            #expect(named.wait.waker.tid == holder, "\(named)")
        }
    }

    @Test func aThousandThreadsOnOneFutex() throws {
        let count = KernelAccess.scaled(1000)
        for seen in try Observation.ofEach([["futex_crowd", "\(count)", "1", "1"]], limits: .roomy) {
            let truth = try #require(seen.resourceTruths("waiter").first)
            let waits = seen.namedWaits.filter {
                truth.isAbout($0.resource) && $0.wait.subject.kind == .futex
            }
            #expect(Set(waits.map(\.wait.subject.resource)).count == 1)
            #expect(seen.truths.first { $0.event == "threads" }?.rounds == UInt64(count))
            #expect(Set(waits.map(\.thread.tid)).count == count)
            #expect(waits.reduce(0) { $0 + $1.wait.count } >= count)
            let strangers = waits.filter { !$0.isUnseen && $0.wait.waker.tid != truth.waker_tid }
            #expect(strangers.isEmpty, "\(Observation.list(strangers))")
            seen.expectFewUnseen(waits.map(\.wait))
        }
    }

    private func ended(_ seen: Observation) throws -> [NamedWait] {
        let tid = try seen.truth("waiter").tid
        let lines = seen.resourceTruths("waiter")
        return seen.namedWaits.filter { named in
            named.thread.tid == tid && named.wait.subject.kind == .futex && named.wait.count > 0
                && lines.contains { $0.isAbout(named.resource) }
        }
    }
}
