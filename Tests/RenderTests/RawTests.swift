import Testing

@testable import Render

/// Numbers for programs, and colours.
@Suite struct RawTests {
    @Test func rawNumbersHaveNoUnits() {
        Units.$isRaw.withValue(true) {
            #expect(Units.duration(1_250_000) == "1250000")
            #expect(Units.percent(1, of: 8) == "0.125000")
            #expect(Units.percent(.nan) == "0.000000")
            #expect(Units.count(UInt64(12_345)) == "12345")
            #expect(Units.bytes(1 << 20) == "1048576")
            var table = TextTable([("NAME", .left)], widest: 4)
            table.add(["a long name"])
            #expect(table.lines() == ["NAME", "a long name"])
        }
        #expect(Units.duration(1_250_000) == "1.25 ms")
    }

    @Test func paintingChangesNoText() {
        let text = "Title\n  NAME  SHARE\n  x     ██▒▒··\n  ►  90 %\n\nEnd\n"
        let painted = TextColors.paint(text)
        #expect(painted.contains("\u{1B}[1mTitle\u{1B}[0m"))
        #expect(painted.contains("\u{1B}[32m██\u{1B}[33m▒▒\u{1B}[0m··"))
        #expect(painted.contains("\u{1B}[1;31m  ►"))
        #expect(painted.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == text)
        let table = TextColors.paintTable("a  b\n1  2\n")
        #expect(table == "\u{1B}[1ma  b\u{1B}[0m\n1  2\n")
    }
}
