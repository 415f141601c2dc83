import Model
import Testing

@testable import Diagnosis

@Suite struct BlamePathTests {
    @Test(arguments: 0..<200) func agreesWithLookingAtEachInstant(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let schedule = Schedule(
            threads: Int.random(in: 2...6, using: &random), length: 200, using: &random)
        let evidence = schedule.evidence
        var path = BlamePath(evidence, ClientWaits(evidence))
        for wait in schedule.intervals where wait.wait != nil && wait.waker.kind != .pending {
            let thread = Int32(wait.thread - 1)
            let spell = evidence.spells[evidence.ranges[Int(thread)]].first { $0.left == wait.left }
            guard let spell else {
                Issue.record("no spell of thread \(wait.thread) at \(wait.left)")
                continue
            }
            path.walk(spell, from: spell.left, to: spell.woken)
            var found: [String] = []
            for charge in path.charges {
                let name =
                    switch (charge.terminal.kind, charge.terminal.party) {
                    case (.onCPU, .thread(let index)): "cpu \(index + 1)"
                    case (.cpuContention, _): "queue"
                    case (.blockDevice, _): "disk"
                    default: charge.terminal.kind.rawValue
                    }
                found += Array(repeating: name, count: Int(charge.to - charge.from))
            }
            #expect(found == schedule.causes(of: wait, downTo: Int(wait.left)))
            #expect(found.count == Int(wait.woken - wait.left))
        }
    }

    @Test(arguments: 0..<100) func chargesAreWithoutGapAndOverlapWhateverTheBounds(seed: Int) {
        var random = SplitMix(state: UInt64(seed) &+ 1000)
        let schedule = Schedule(threads: 5, length: 300, using: &random)
        let evidence = schedule.evidence
        var path = BlamePath(evidence, ClientWaits(evidence))
        for spell in evidence.spells where spell.subject >= 0 && spell.woken > spell.left {
            let from = UInt64.random(in: spell.left..<spell.woken, using: &random)
            let to = UInt64.random(in: from + 1...spell.woken, using: &random)
            path.walk(spell, from: from, to: to)
            #expect(path.charges.first?.to == to)
            #expect(path.charges.last?.from == from)
            for (later, earlier) in zip(path.charges, path.charges.dropFirst()) {
                #expect(later.from == earlier.to)
            }
        }
    }

    @Test func aLockHeldWhileWaitingForADiskIsTheDisk() {
        // 1 waits for 2 (futex), 2 for 3 (pipe), 3 for the disk from 100 to 800.
        var story = Story(threads: 3)
        let file = story.add(.file, "/data")
        story.wait(1, 50, 900, .futex, by: 2)
        story.wait(2, 60, 880, .pipe, by: 3)
        story.wait(3, 100, 800, .fsync, resource: file, by: .init(kind: .block), device: 1)
        let evidence = story.evidence(0, 1000)
        var path = BlamePath(evidence, ClientWaits(evidence))
        path.walk(evidence.spells[0], from: 0, to: 1000)
        let disk = path.charges.filter { $0.terminal.kind == .blockDevice }
        #expect(disk.map { $0.to - $0.from } == [700])
        #expect(path.charges.reduce(0) { $0 + $1.to - $1.from } == 850)
        #expect(evidence.via(path.hops[...]) == "futex")
        #expect(path.hops.map(\.thread) == [0, 1, 2])
    }

    @Test func aLockThatIsWaitedForAgainAndAgainIsItsHolders() {
        // 1 waits for 5 at a time until 2, which computes from 10 on after a wait for the disk, lets go at 100.
        var story = Story(threads: 2)
        let lock = story.add(.futex, "lock")
        for round in 0..<19 as Range<UInt64> {
            story.wait(
                1, round * 5 + 1, round * 5 + 5, .futex, resource: lock, by: Waker(kind: .timer),
                timedOut: true)
        }
        story.wait(1, 96, 100, .futex, resource: lock, by: 2)
        story.wait(2, 0, 42, .fsync, by: Waker(kind: .block), device: 1)
        let evidence = story.evidence(0, 200)
        var path = BlamePath(evidence, ClientWaits(evidence))
        var sums: [CauseClass: UInt64] = [:]
        for spell in evidence.spells[evidence.ranges[0]] {
            path.walk(spell, from: 0, to: 200)
            for charge in path.charges { sums[charge.terminal.kind, default: 0] += charge.to - charge.from }
        }
        // Of 80 in all: the disk's while 2 waits for it, in the midst of a wait of 1 too.
        #expect(sums == [.blockDevice: 33, .onCPU: 47])
    }

    @Test func aKernelThreadThatOnlyHandsOnIsWhatItHandsOn() {
        var story = Story(threads: 2)
        let file = story.add(.file, "/data")
        story.wait(1, 100, 900, .fsync, resource: file, by: 2)
        story.wait(2, 0, 880, .kernelThread, by: Waker(kind: .interrupt))
        let evidence = story.evidence(0, 1000)
        var path = BlamePath(evidence, ClientWaits(evidence))
        path.walk(evidence.spells[0], from: 0, to: 1000)
        #expect(path.charges.map(\.terminal.kind) == [.onCPU, .blockDevice])
        #expect(path.charges.map { $0.to - $0.from } == [20, 780])
    }

    @Test func threadsThatHoldWhatEachOtherWantsAreADeadlock() {
        var story = Story(threads: 2)
        story.wait(1, 100, 1000, .futex, by: .pending)
        story.wait(2, 120, 1000, .futex, by: .pending)
        let evidence = story.evidence(0, 1000) { builder in
            builder.add(HeldLock(waiter: 1, holder: 2, resource: 0))
            builder.add(HeldLock(waiter: 2, holder: 1, resource: 0))
        }
        var path = BlamePath(evidence, ClientWaits(evidence))
        path.walk(evidence.spells[0], from: 0, to: 1000)
        #expect(path.charges.map(\.terminal.kind) == [.deadlock])
        #expect(path.charges.map { $0.to - $0.from } == [900])
    }

    @Test func aHolderThatIsNotDoneIsFollowedToWhatItDoes() {
        var story = Story(threads: 2)
        story.wait(1, 100, 1000, .futex, by: .pending)
        story.wait(2, 200, 1000, .sleep, by: .pending)
        let evidence = story.evidence(0, 1000) { $0.add(HeldLock(waiter: 1, holder: 2, resource: 0)) }
        var path = BlamePath(evidence, ClientWaits(evidence))
        path.walk(evidence.spells[0], from: 0, to: 1000)
        #expect(path.charges.map(\.terminal.kind) == [.sleep, .onCPU])
    }
}

/// Splitmix64, so that a failing seed fails again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
