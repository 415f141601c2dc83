import Model
import Testing

@testable import Export

@Suite struct TimelineTests {
    private static func spell(_ left: UInt64, _ ran: UInt64) -> Interval {
        Interval(thread: 1, left: left, woken: ran, ran: ran)
    }

    private static func slices(_ stretches: [Range<UInt64>]) -> [IntervalSlice] {
        stretches.map { IntervalSlice(from: $0.lowerBound, to: $0.upperBound) }
    }

    /// Between spells a thread was on a CPU, but only where all spells are known.
    @Test func onACPUOnlyWhereAllSpellsAreKnown() {
        let slices = Self.slices([0..<100, 200..<300, 300..<310, 500..<600])
        var timeline = ThreadTimeline(from: 10, slices)
        #expect(timeline.add(Self.spell(30, 40), slices) == [10..<30])
        #expect(timeline.add(Self.spell(250, 260), slices) == [40..<100, 200..<250])
        // One that was kept for its length alone, over the end of a slice.
        #expect(timeline.add(Self.spell(305, 550), slices) == [260..<300, 300..<305])
        #expect(timeline.onCPU(until: 700, slices) == [550..<600])
    }

    @Test func aThreadThatCameLaterHasNothingBefore() {
        let slices = Self.slices([0..<100, 200..<300])
        var timeline = ThreadTimeline(from: 250, slices)
        #expect(timeline.add(Self.spell(240, 260), slices) == [])
        #expect(timeline.onCPU(until: 280, slices) == [260..<280])
        var idle = ThreadTimeline(from: 400, slices)
        #expect(idle.onCPU(until: 500, slices) == [])
    }
}
