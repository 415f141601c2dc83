import Probes
import Testing

@testable import Collector

/// Which spells are kept, beside what must be kept: found by looking at every slice.
@Suite struct SliceTests {
    /// Some settings after one another, as the collector makes them, with bursts that ended the slices of some.
    struct Course {
        var settings: [(setting: KernelPlane.Slices, until: UInt64, closed: UInt64?)] = []

        init(using random: inout some RandomNumberGenerator) {
            var from = UInt64.random(in: 0...1 << 40, using: &random)
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let share = Double.random(in: 0.0001...1.2, using: &random)
                let setting = SliceArithmetic.setting(share: share, from: from, random: random.next())
                let until = from + UInt64.random(in: 1...20_000_000_000, using: &random)
                let isClosed = Int.random(in: 0..<3, using: &random) == 0
                settings.append(
                    (setting, until, isClosed ? UInt64.random(in: from...until, using: &random) : nil))
                from = until
            }
        }

        var slices: [Range<UInt64>] {
            settings.flatMap { entry in
                SliceArithmetic.slices(
                    of: entry.setting, from: entry.setting.from, to: min(entry.until, entry.closed ?? .max))
            }
        }

        /// As the kernel side judges it: by the setting that is in force when the spell ends.
        func keeps(_ left: UInt64, _ ran: UInt64) -> Bool {
            let entry = settings.last { $0.setting.from <= ran } ?? settings[0]
            return entry.setting.keeps(left: left, ran: ran, closed: entry.closed)
        }
    }

    @Test(arguments: 0..<20) func everySpellThatReachesIntoASliceIsKept(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        for _ in 0..<10 {
            let course = Course(using: &random)
            let slices = course.slices
            let (from, to) = (
                course.settings[0].setting.from, course.settings[course.settings.count - 1].until
            )
            for _ in 0..<2000 {
                let length = UInt64(1) << UInt64.random(in: 0...34, using: &random)
                let left = UInt64.random(in: from - min(from, length)..<to, using: &random)
                let ran = left + UInt64.random(in: 0...length, using: &random)
                let reaches = slices.contains { $0.lowerBound < ran && left < $0.upperBound }
                if reaches && ran >= from {
                    #expect(course.keeps(left, ran), "\(left)..<\(ran) of \(course)")
                }
            }
        }
    }

    /// Not just everything is kept: of short spells about the share that is asked for.
    @Test(arguments: [0.0005, 0.02, 0.3, 0.7]) func theShareIsKept(share: Double) {
        var random = SplitMix(seed: 7)
        let setting = SliceArithmetic.setting(share: share, from: 1 << 40, random: random.next())
        let kept = (0..<200_000).count { _ in
            let left = (1 << 40) + UInt64.random(in: 0..<(1 << 40), using: &random)
            return setting.keeps(left: left, ran: left + 1000)
        }
        #expect(abs(Double(kept) / 200_000 - share) < 0.005 + share / 20, "\(kept)")
        #expect(setting.keeps(left: 2 << 40, ran: 2 << 40 + 1 << 30), "long ones always")
    }

    @Test(arguments: 0..<20) func slicesAreWhereTheirSettingSays(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        let setting = SliceArithmetic.setting(
            share: Double.random(in: 0.001...1, using: &random), from: 1 << 45, random: random.next())
        let from = setting.from + UInt64.random(in: 0...1 << 34, using: &random)
        let to = from + UInt64.random(in: 0...1 << 36, using: &random)
        let slices = SliceArithmetic.slices(of: setting, from: from, to: to)
        for (slice, next) in zip(slices, slices.dropFirst()) { #expect(slice.upperBound < next.lowerBound) }
        for _ in 0..<1000 {
            let time = UInt64.random(in: setting.from...to, using: &random)
            let isInSlice =
                time >= from && time < to && (time - setting.anchor) % (1 << setting.shift) < setting.on
            #expect(slices.contains { $0.contains(time) } == isInSlice)
        }
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
