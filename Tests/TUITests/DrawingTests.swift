import Testing

@testable import TUI

/// What is written to a terminal.
@Suite struct DrawingTests {
    @Test func onlyLinesThatDifferAreWritten() {
        var writer = ScreenWriter(.plain)
        let lines = ["one", "two", "three"].map { StyledLine($0) }
        let first = writer.update(lines)
        #expect(first.contains("\u{1B}[2J") && first.contains("one") && first.contains("three"))
        #expect(writer.update(lines).isEmpty)
        var changed = lines
        changed[1] = StyledLine("2")
        #expect(writer.update(changed) == "\u{1B}[2;1H\u{1B}[0m\u{1B}[K2")
        writer.forget()
        #expect(writer.update(changed).contains("three"))
    }

    @Test func coloursAreUsedOnlyWhereTheyAreWanted() {
        let line = StyledLine("x", .alarm)
        #expect(
            line.encoded(Palette(colors: true, environment: ["TERM": "xterm-256color"])).contains("38;5;"))
        #expect(line.encoded(Palette(colors: true, environment: ["TERM": "xterm"])).contains("[0;31m"))
        let plain = Palette(colors: false, environment: ["TERM": "xterm-256color"])
        #expect(line.encoded(plain) == "x")
        #expect(StyledLine("x", .alarm, isBold: true).encoded(plain) == "\u{1B}[0;1mx\u{1B}[0m")
        #expect(StyledLine("x").encoded(plain) == "x")
    }
}
