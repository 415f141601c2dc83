import Model
import Testing

@testable import Recording
@testable import Render

@Suite struct TextTests {
    /// Clears the screen, changes the title, turns the direction of writing, hides, and ends the line.
    static let hostile = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}\u{200b}\u{9b}31m\r\n\tx\u{7f}"

    @Test func whatATerminalObeysIsEscaped() {
        let safe = TerminalText.safe(Self.hostile)
        #expect(
            safe == "\\u{1b}[2J\\u{1b}]0;owned\\u{7}\\u{202e}\\u{200b}\\u{9b}31m\\r\\n\\tx\\u{7f}")
        #expect(TerminalText.safe("naïve 日本 ✓") == "naïve 日本 ✓")
    }

    @Test func widthsAreColumns() {
        #expect(TerminalText.width("abc") == 3)
        #expect(TerminalText.width("日本") == 4)
        #expect(TerminalText.width("e\u{301}") == 1)
        #expect(TerminalText.cut("日本語", to: 5) == "日本…")
        #expect(TerminalText.cut("abcdef", to: 4) == "abc…")
        #expect(TerminalText.cut("abcd", to: 4) == "abcd")
    }

    @Test(
        arguments: [
            (0, "0"), (999, "999 ns"), (1000, "1.00 µs"), (12_345, "12.3 µs"), (999_499, "999 µs"),
            (999_500, "1.00 ms"), (1_500_000_000, "1.50 s"), (75_000_000_000, "75.0 s"),
            (1_800_000_000_000, "30 min"), (7_500_000_000_000, "2 h 05 min"),
        ] as [(UInt64, String)])
    func durations(nanoseconds: UInt64, text: String) { #expect(Units.duration(nanoseconds) == text) }

    @Test func sharesAndCounts() {
        #expect(Units.percent(1, of: 3) == "33.3 %")
        #expect(Units.percent(1, of: 100_000) == "<0.1 %")
        #expect(Units.percent(5, of: 0) == "0 %")
        #expect(Units.count(9999) == "9999" && Units.count(12_345) == "12.3k")
        #expect(Units.bytes(0) == "0 B" && Units.bytes(1023) == "1023 B" && Units.bytes(1536) == "1.50 KiB")
        #expect(Units.bytes(1023 << 20) == "1.00 GiB" && Units.bytes(.max) == "16384 PiB")
        #expect(Units.count(999_600) == "1.00M" && Units.count(UInt64.max) == "18446744074G")
    }

    @Test func barsFillTheirWidth() {
        #expect(Drawings.bar([(1, "a"), (1, "b"), (1, "c")], of: 3, width: 10).count == 10)
        #expect(Drawings.bar([(50, "a"), (50, "b")], of: 100, width: 4) == "aabb")
        #expect(Drawings.bar([(1, "a")], of: 4, width: 4) == "a   ")
        #expect(Drawings.bar([(1, "a")], of: 0, width: 3) == "   ")
    }

    @Test func distributionsShowTheirEnds() {
        #expect(Drawings.distribution(Histogram()) == "")
        #expect(Drawings.distribution(Histogram(counts: [0, 0, 100, 0, 1])) == "512 ns ▕█ ▂▏ 4.10 µs")
    }

    @Test func columnsAreAligned() {
        var table = TextTable([("NAME", .left), ("N", .right)])
        table.add(["日本", "1"])
        table.add(["a\u{1b}b", "22"])
        #expect(table.lines() == ["NAME       N", "日本       1", "a\\u{1b}b  22"])
    }
}

@Suite struct WallClockTests {
    static let start: UInt64 = 1_700_000_000_300_000_000

    @Test(
        arguments: [
            ("+10s", 10_000_000_000), ("+1m30s", 90_000_000_000), ("+500ms", 500_000_000),
            ("+2", 2_000_000_000),
            ("+1h", 3_600_000_000_000),
        ] as [(String, UInt64)])
    func offsetsCountFromTheStart(text: String, offset: UInt64) {
        #expect(WallClock.parse(text, start: Self.start) == Self.start + offset)
    }

    @Test func datesAndUnixSeconds() {
        #expect(WallClock.parse("1700000000", start: 0) == 1_700_000_000_000_000_000)
        #expect(WallClock.parse("2023-11-14T22:13:20Z", start: 0) == 1_700_000_000_000_000_000)
        #expect(WallClock.parse("2023-11-15 00:13:20.5+02:00", start: 0) == 1_700_000_000_500_000_000)
    }

    @Test func aTimeOfDayIsTheNextAfterTheStart() throws {
        let local = String(WallClock.text(Self.start).suffix(8))
        #expect(WallClock.parse(local, start: Self.start) == 1_700_000_000_000_000_000)
        let earlier = String(WallClock.text(Self.start - 60_000_000_000).suffix(8))
        #expect(
            WallClock.parse(earlier, start: Self.start) == (1_700_000_000 - 60 + 86_400) * 1_000_000_000)
    }

    @Test(arguments: ["", "+", "soon", "25:00", "12:61", "+5x", "2023-13-01", "-5", "1e300", "nan", "12"])
    func nonsenseIsRefused(text: String) {
        let time = WallClock.parse(text, start: Self.start)
        #expect(time == nil || text == "12")
    }
}

@Suite struct QueryOutputTests {
    @Test func csvFollowsRFC4180() {
        let row: [QueryValue] = [
            .text("a,b"), .text("say \"hi\""), .text("two\r\nlines"), .null, .text(""), .integer(-5),
            .real(0.5),
        ]
        #expect(QueryOutput.csv(row) == "\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\",,\"\",-5,0.5\r\n")
        #expect(QueryOutput.csv([.text("\u{1b}[2J")], forTerminal: true) == "\\u{1b}[2J\r\n")
        #expect(QueryOutput.csvHeader(["a", "b c"]) == "a,b c\r\n")
    }

    @Test func jsonKeepsIntegersAndEscapes() {
        let keys = QueryOutput.jsonKeys(["a", "a", "b"])
        #expect(keys == ["a", "a_2", "b"])
        let row: [QueryValue] = [.integer(Int64.max), .real(.infinity), .text(TextTests.hostile + "\"\\")]
        #expect(
            QueryOutput.json(row, keys: keys)
                == #"{"a":9223372036854775807,"a_2":null,"b":"\u001b[2J\u001b]0;owned\u0007\u202e\u200b\u009b31m"#
                + #"\r\n\tx\u007f\"\\"}"#)
    }

    @Test func tablesAlignNumbersToTheRight() {
        let result = QueryResult(
            columns: ["name", "n"], rows: [[.text("a"), .integer(5)], [.null, .integer(100)]])
        #expect(QueryOutput.table(result) == "name    n\na       5\nNULL  100\n")
    }
}
