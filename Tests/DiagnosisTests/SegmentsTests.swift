import Testing

@testable import Diagnosis

@Suite struct SegmentsTests {
    @Test(arguments: 0..<50) func aStepIsFoundWhereItIs(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let count = Int.random(in: 8...60, using: &random)
        let from = Int.random(in: 3...(count - 3), using: &random)
        let isHump = Bool.random(using: &random) && count - from >= 9
        let to = isHump ? from + Int.random(in: 3...(count - from - 3), using: &random) : count
        let values = (0..<count).map { index in
            Double.random(in: 0.95...1.05, using: &random) * ((from..<to).contains(index) ? 3 : 1)
        }
        let change = try #require(Segments.change(in: values, ratio: 1.5))
        #expect(change.window == from..<to)
        #expect(change.baseline == [0..<from, to..<count].filter { !$0.isEmpty })
    }

    @Test(arguments: 0..<50) func noiseIsNoChange(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let values = (0..<40).map { _ in Double.random(in: 0.8...1.25, using: &random) }
        #expect(Segments.change(in: values, ratio: 1.5) == nil)
    }

    @Test func tooLittleIsNoChange() {
        #expect(Segments.change(in: [], ratio: 1.5) == nil)
        #expect(Segments.change(in: [1, 1, 9, 9], ratio: 1.5) == nil)
        #expect(Segments.change(in: Array(repeating: .nan, count: 20), ratio: 1.5) == nil)
    }

    @Test func whatIsBetterLaterIsWorseBefore() {
        let change = Segments.change(in: [8, 8, 8, 8, 1, 1, 1, 1], ratio: 1.5)
        #expect(change == Change(window: 0..<4, baseline: [4..<8]))
    }
}
