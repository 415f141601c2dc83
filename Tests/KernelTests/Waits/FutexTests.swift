import Model
import Testing

/// Waits for futexes: which one, for how long, and who ended them.
@Suite(.needsKernel, .serialized) struct FutexTests {
    private static let inOneProcess = ExpectedWait(kind: .futex, resource: .futex)

    @Test(arguments: ["private", "pi"]) func twoThreads(how: String) throws {
        let seen = try Observation.of("futex_kinds", ["30", "10", how], lingering: true)
        try seen.expect(Self.inOneProcess)
        // The word lies in the program's own variables, so it has a name.
        let resource = try #require(
            seen.resources.values.first { $0.name.contains(how == "pi" ? "inherited" : "first_word") })
        #expect(resource.name.hasSuffix("(futex_kinds)") && resource.kind == .futex, "\(resource.name)")
    }

    @Test func aTimeoutIsNobodysWaking() throws {
        let seen = try Observation.of("futex_kinds", ["10", "10", "bitset"])
        try seen.expect(ExpectedWait(kind: .futex, resource: .futex, waker: .timer, timedOut: true))
    }

    /// The waker names the futex that the waiter was moved to.
    @Test func aRequeuedWaiter() throws {
        let seen = try Observation.of("futex_kinds", ["10", "10", "requeue"])
        try seen.expect(Self.inOneProcess)
        let second = try #require(seen.truths.first { $0.event == "words" }?.second)
        let first = try #require(seen.resourceTruths("waiter").first)
        let waits = try waits(seen).filter { first.isAbout($0.resource) }
        #expect(!waits.isEmpty)
        for named in waits { #expect(named.member?.identity.hasSuffix(":" + second) == true, "\(named)") }
    }

    @Test func oneOfSeveralFutexes() throws {
        let seen = try Observation.of("futex_kinds", ["10", "10", "waitv"])
        seen.expectTimeIsConserved()
        let words = try #require(seen.truths.first { $0.event == "words" })
        let waits = try waits(seen).filter { $0.resource?.kind == .set }
        let truth = try seen.truth("waiter")
        let sum = waits.reduce(0) { $0 + $1.wait.total }
        #expect(
            seen.isAll(sum, of: truth, within: 0.02),
            "\(sum) of \(truth)")
        for named in waits {
            #expect(named.wait.waker.tid == seen.resourceTruths("waiter").first?.waker_tid, "\(named)")
            #expect(named.member?.identity.hasSuffix(":" + (words.second ?? "")) == true, "\(named)")
            let members = named.resource?.members.compactMap { seen.resources[$0]?.identity } ?? []
            #expect(members.count == 2 && members[0].hasSuffix(":" + (words.first ?? "")), "\(members)")
        }
    }

    /// The kernel wakes the one who joins, on behalf of the thread that ends, through an operation on shared memory
    /// although the word is private.
    @Test func joiningAThread() throws {
        let seen = try Observation.of("futex_kinds", ["10", "10", "join"])
        try seen.expect(Self.inOneProcess)
        let joined = seen.resourceTruths("waiter")
        let wakers = Set(try waits(seen).filter { $0.wait.count > 0 }.map(\.wait.waker.tid))
        #expect(wakers.isSubset(of: joined.compactMap(\.waker_tid)) && wakers.count >= joined.count / 2)
    }

    @Test func aMutexAndACondition() throws {
        for how in ["mutex", "condition"] {
            let seen = try Observation.of("futex_pair", ["30", "10", how], lingering: true)
            let holder = try seen.truth("holder").tid
            let truth = try seen.truth("waiter")
            let all = seen.namedWaits.filter { $0.thread.tid == truth.tid }
            let name = how == "mutex" ? "futex lock" : "futex changed"
            let sum = all.filter { $0.wait.waker.tid == holder && $0.resource?.name.hasPrefix(name) == true }
                .reduce(0) { $0 + $1.wait.total }
            #expect(
                seen.isAll(sum, of: truth, within: 0.02),
                "\(Observation.list(all))")
        }
    }

    @Test func aThousandThreadsOnOneFutex() throws {
        let count = KernelAccess.scaled(1000)
        let seen = try Observation.of("futex_crowd", ["\(count)", "1", "200"])
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        let truth = try #require(seen.resourceTruths("waiter").first)
        let waits = seen.namedWaits.filter { truth.isAbout($0.resource) && $0.wait.subject.kind == .futex }
        #expect(Set(waits.map(\.wait.subject.resource)).count == 1)
        // Who was kept from running until the waking had nothing to sleep for any more.
        let slept = try #require(seen.truths.first { $0.event == "threads" }?.rounds)
        #expect(slept > count * 9 / 10)
        #expect(Set(waits.map(\.thread.tid)).count == Int(slept))
        #expect(waits.reduce(0) { $0 + $1.wait.count } >= slept)
        let byWaker = waits.filter { $0.wait.waker.tid == truth.waker_tid }
        #expect(
            byWaker.count == waits.count,
            "\(Observation.list(waits.filter { $0.wait.waker.tid != truth.waker_tid }))")
    }

    private func waits(_ seen: Observation) throws -> [NamedWait] {
        let tid = try seen.truth("waiter").tid
        let waits = seen.namedWaits.filter {
            $0.thread.tid == tid && $0.wait.subject.kind == .futex && $0.wait.total > 1_000_000
        }
        #expect(!waits.isEmpty)
        return waits
    }
}
