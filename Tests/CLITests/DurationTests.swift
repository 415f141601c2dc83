import Testing

@testable import stallscope

@Suite struct DurationTests {
    @Test(
        arguments: [
            ("500ms", 500_000_000), ("10s", 10_000_000_000), ("10", 10_000_000_000), ("1.5", 1_500_000_000),
            ("2m", 120_000_000_000), ("2min", 120_000_000_000), ("1h", 3_600_000_000_000), ("0", 0),
        ] as [(String, UInt64)])
    func lengthsOfTime(text: String, nanoseconds: UInt64) {
        #expect(DurationArgument(argument: text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: ["", "s", "ms", "-1s", "1 s", "1d", "1s1", "1..5s", "1e3", "∞", "٣s", "99999999999999h"])
    func whatIsNone(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test func defaultsAreShownShort() {
        #expect(DurationArgument(nanoseconds: 1_000_000_000).defaultValueDescription == "1s")
        #expect(DurationArgument(nanoseconds: 250_000_000).defaultValueDescription == "250ms")
    }
}
