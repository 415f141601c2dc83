import Probes
import Testing

@testable import Collector

/// The slices that are chosen from tick to tick, against a made-up kernel side that keeps what they say.
@Suite struct SamplerTests {
    private static let second: UInt64 = 1_000_000_000

    /// A host with short spells at an even rate, each of another thread.
    private struct Host {
        var sampler: IntervalSampler
        var allowance: UInt64
        var present = KernelPlane.SlicesState()
        var before = KernelPlane.SlicesState()
        var pending: (setting: KernelPlane.Slices, allowance: UInt64)?
        var now: UInt64 = 1 << 40
        var random = SplitMix(seed: 3)
        var told: [Range<UInt64>] = []
        var kept: [UInt64] = []

        init(budget: UInt64?) {
            sampler = IntervalSampler(budget: budget, at: now)
            allowance = sampler.firstAllowance(interval: SamplerTests.second)
        }

        /// A tick with so many spells; gives how many were kept.
        mutating func tick(spells: UInt64) -> UInt64 {
            var count: UInt64 = 0
            for _ in 0..<spells {
                now += SamplerTests.second / spells
                let setting = sampler.setting
                guard now >= setting.from, setting.keeps(left: now - 1000, ran: now, closed: present.closed)
                else {
                    continue
                }
                count += 1
                kept.append(now)
                present.kept += 1
                if present.kept > allowance, present.closed == nil { present.closed = now }
            }
            let outcome = sampler.look(
                at: now, interval: SamplerTests.second, present: present, before: before,
                rate: Double(spells),
                random: random.next())
            told += outcome.slices
            allowance = outcome.allowance
            if outcome.next != nil { (before, present) = (present, KernelPlane.SlicesState()) }
            return count
        }
    }

    @Test(arguments: [3000, 20_000, 200_000] as [UInt64]) func keepsToItsBudget(rate: UInt64) {
        var host = Host(budget: 2000)
        for _ in 0..<10 { _ = host.tick(spells: rate) }
        let counts = (0..<20).map { _ in host.tick(spells: rate) }
        let mean = counts.reduce(0, +) / 20
        #expect(mean > 1000 && mean < 3000, "\(counts)")
        let seen = host.told.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
        #expect(seen < 30 * Self.second)
        // Whatever is told is complete: in each slice the spells come at their even rate.
        for slice in host.told.suffix(20) where slice.upperBound - slice.lowerBound > 1_000_000 {
            let expected = Double(slice.upperBound - slice.lowerBound) * Double(rate) / 1e9
            let inside = host.kept.count { slice.contains($0) }
            #expect(abs(Double(inside) - expected) <= 3 + expected / 50, "\(inside), \(expected)")
        }
    }

    @Test func everythingIsToldWhileItFits() {
        var host = Host(budget: 2000)
        for _ in 0..<5 { #expect(host.tick(spells: 1500) == 1500) }
        #expect(host.told.count == 5)
        for (slice, next) in zip(host.told, host.told.dropFirst()) {
            #expect(slice.upperBound == next.lowerBound)
        }
    }

    @Test func aBurstEndsTheSlicesAndTheNextTickGoesOn() {
        var host = Host(budget: 1000)
        _ = host.tick(spells: 500)
        #expect(host.tick(spells: 100_000) <= 4002)
        #expect(host.told.last.map { $0.upperBound < host.now - Self.second / 2 } == true)
        for _ in 0..<5 { _ = host.tick(spells: 500) }
        #expect(host.tick(spells: 500) == 500, "back to all when they are few again")
    }

    /// A collector that had to wait for a CPU: until it came, the kernel side kept to the setting before.
    @Test(arguments: [0, 3_000_000, 20_000_000] as [UInt64])
    func nothingIsToldOfASettingThatCameTooLate(delay: UInt64) {
        var sampler = IntervalSampler(budget: 1000, at: 1000)
        let first = sampler.look(
            at: Self.second, interval: Self.second, present: .init(kept: 4000, closed: Self.second / 2),
            before: .init(), rate: 8000, random: 1 << 20)
        #expect(first.slices == [1000..<Self.second / 2] && first.next != nil)
        sampler.applied(at: Self.second + delay)
        let second = sampler.look(
            at: 2 * Self.second, interval: Self.second, present: .init(kept: 1000),
            before: .init(kept: 4000, closed: Self.second / 2), rate: 8000, random: 1 << 20)
        let inForce = max(sampler.setting.from, Self.second + delay)
        #expect(!second.slices.isEmpty)
        #expect(second.slices.allSatisfy { $0.lowerBound >= inForce })
        let later = second.slices.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
        #expect(later > Self.second / 20)
    }

    @Test func withoutABudgetAllIsKept() {
        var host = Host(budget: nil)
        for _ in 0..<3 { #expect(host.tick(spells: 300_000) == 300_000) }
        #expect(host.told.count == 3)
    }

    @Test func aLostSpellMakesTheTimeThatItReachesIntoNoSlice() {
        var sampler = IntervalSampler(budget: nil, at: 1000)
        let first = sampler.look(
            at: 2 * Self.second, interval: Self.second, present: .init(), before: .init(), rate: 5, random: 1)
        #expect(first.slices == [1000..<2 * Self.second] && first.lostSince == nil)
        let second = sampler.look(
            at: 3 * Self.second, interval: Self.second, present: .init(lostSince: Self.second),
            before: .init(),
            rate: 5, random: 1)
        #expect(second.slices.isEmpty && second.lostSince == Self.second)
        let from = sampler.setting.from
        #expect(from > 3 * Self.second && second.next == sampler.setting)
        let third = sampler.look(
            at: 4 * Self.second, interval: Self.second, present: .init(),
            before: .init(lostSince: Self.second),
            rate: 5, random: 1)
        #expect(third.slices == [from..<4 * Self.second])
    }
}
