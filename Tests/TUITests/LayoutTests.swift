import Model
import Render
import Testing

@testable import TUI

/// From state and size to lines.
@Suite struct LayoutTests {
    @Test(arguments: [(80, 24), (132, 43), (40, 10), (200, 60), (20, 5), (1, 1), (80, 1)])
    func everyLineFitsTheScreen(columns: Int, rows: Int) {
        var help = TopState()
        help.showsHelp = true
        var typing = TopState()
        typing.isTyping = true
        typing.expanded = [1, 2, 3, 4]
        for state in [TopState(), help, typing] {
            let frame = Scene.frame(state, columns: columns, rows: rows)
            #expect(frame.lines.count == rows)
            #expect(frame.lines.allSatisfy { $0.width == columns && TerminalText.width($0.text) == columns })
        }
    }

    @Test func aSmallScreenHoldsWhatMatters() {
        let text = Scene.text()
        for part in [
            "live", "is computing while others wait", "owner/101 100.0%", "owner", "waiter", "TOP WAITS",
            "futex table_lock", "? help", "2 processes, 4 threads", "1.30 CPUs",
        ] { #expect(text.contains(part), "\(part) in\n\(text)") }
    }

    @Test func barsShowWhereTimeWent() {
        let row = TopState().rows(Scene.snapshot).first { $0.name == "waiter" }
        let bar = StateBar.line(row?.load ?? Load(), width: 20)
        #expect(bar.text == "██▒▒" + String(repeating: "l", count: 16))
        #expect(bar.runs.map(\.style.tone) == [.onCPU, .runQueue, .blocked(.lock)])
    }

    @Test func blockedTimeWithoutANameIsOther() {
        let row = TopState().rows(Scene.snapshot).first { $0.name == "owner" }
        #expect(StateBar.line(row?.load ?? Load(), width: 10).text == "█████████·")
    }

    @Test func expandedThreadsShowWaitsAndLengths() {
        var state = TopState()
        state.expanded = [2]
        let text = Scene.text(state, columns: 120, rows: 40)
        #expect(text.contains("waits") && text.contains("futex table_lock  < owner/101"))
        #expect(text.contains("9 × 88.9 ms"))
    }

    @Test func theSelectedRowIsReversedAndStaysInSight() throws {
        var state = TopState()
        state.selected = .thread(4)
        let frame = Scene.frame(state, columns: 80, rows: 10)
        let selected = try #require(frame.lines.first { $0.runs.first?.style.isReversed == true })
        #expect(selected.text.contains("load"))
        #expect(frame.scroll > 0)
        state.scroll = frame.scroll
        state.selected = .process(1)
        #expect(Scene.frame(state, columns: 80, rows: 10).scroll == 0)
    }

    @Test func namesCannotMoveTheCursor() {
        var line = StyledLine()
        line.add("a\u{1B}[2Jb")
        #expect(line.text == "a\\u{1b}[2Jb")
        #expect(line.width == line.text.count)
    }

    @Test func wideCharactersTakeTwoColumns() {
        var line = StyledLine("日本語日本語")
        #expect(line.width == 12)
        line = line.fitted(to: 5)
        #expect(line.width == 5 && TerminalText.width(line.text) == 5)
    }

    @Test func longVerdictsTakeTwoLinesAndAreCut() {
        let words = Array(repeating: "word", count: 60).joined(separator: " ")
        let lines = HeaderLines.wrap(words, width: 40, most: 2)
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { TerminalText.width($0) <= 40 })
        #expect(lines.last?.hasSuffix("…") == true)
    }

    @Test func textHasTheSameContent() {
        let lines = TopLayout(Scene.snapshot, Scene.verdict, TopState(), title: "pid 100").text(
            columns: 132, most: 3)
        let text = lines.map(\.text).joined(separator: "\n")
        #expect(text.contains("… and 3 more"))
        #expect(text.contains("futex table_lock"))
    }
}
