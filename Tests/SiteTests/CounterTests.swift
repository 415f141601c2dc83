import Testing

@testable import Site

/// Counters with a bounded number of series, and their text.
@Suite struct CounterTests {
    private func weight(_ values: [Double]) -> Double { values[0] }

    @Test func everySeriesOnlyGrowsAndTheSumIsWhole() {
        var counters = SlotCounters<Int>(limit: 8, metrics: 1)
        var last: [Int: Double] = [:]
        var (rest, whole) = (0.0, 0.0)
        for round in 0..<20 {
            // Others become the largest from round to round.
            let more = Dictionary(
                uniqueKeysWithValues: (0..<50).map { ($0, [Double(($0 * 7 + round * 13) % 50)]) })
            whole += more.values.reduce(0) { $0 + $1[0] }
            counters.add(more, weight: weight)
            #expect(counters.slots.count <= 8)
            for (subject, values) in counters.slots {
                #expect(values[0] >= last[subject] ?? 0)
                last[subject] = values[0]
            }
            #expect(counters.rest[0] >= rest)
            rest = counters.rest[0]
            #expect(abs(counters.slots.reduce(rest) { $0 + $1.values[0] } - whole) < 1e-9)
        }
        #expect(counters.slots.count == 8)
    }

    @Test func someSlotsAreLeftForWhoIsLargeLater() {
        var counters = SlotCounters<String>(limit: 4, metrics: 1)
        counters.add(["a": [5], "b": [4], "c": [3], "d": [2]], weight: weight)
        #expect(counters.slots.map(\.subject) == ["a", "b", "c"])
        counters.add(["e": [100], "d": [0.1]], weight: weight)
        #expect(counters.slots.map(\.subject) == ["a", "b", "c", "e"])
        #expect(counters.rest == [2.1])
    }

    @Test func labelsAreEscaped() {
        var text = Exposition()
        text.begin("x_total", .counter, "a\nb")
        text.add("x_total", [("name", "a\"b\\c\nd")], 1.5)
        text.add("x_total", [], 12_000_000_000)
        #expect(
            text.text == """
                # HELP x_total a\\nb
                # TYPE x_total counter
                x_total{name="a\\"b\\\\c\\nd"} 1.5
                x_total 12000000000

                """)
    }
}
