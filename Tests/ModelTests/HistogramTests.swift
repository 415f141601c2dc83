import Model
import Testing

@Suite struct HistogramTests {
    @Test(arguments: [
        (0, 0), (255, 0), (256, 1), (511, 1), (512, 2), (1 << 20, 13), (1 << 38, 31), (UInt64.max, 31),
    ])
    func slotOf(nanoseconds: UInt64, slot: Int) {
        #expect(Histogram.slot(of: nanoseconds) == slot)
    }

    @Test func everySlotBeginsAtItsLowerBound() {
        for slot in 1..<Histogram.slotCount {
            let bound = Histogram.lowerBound(ofSlot: slot)
            #expect(Histogram.slot(of: bound) == slot)
            #expect(Histogram.slot(of: bound - 1) == slot - 1)
        }
    }

    @Test func sumsSlotBySlotAndForgetsTrailingZeros() {
        var sum = Histogram(counts: [1, 0, 2, 0, 0])
        #expect(sum.counts == [1, 0, 2])
        sum += Histogram(counts: [0, 1, 0, 4])
        #expect(sum.counts == [1, 1, 2, 4])
        #expect(sum.total == 8)
    }
}
