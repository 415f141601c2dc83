import ArgumentParser
import Testing

@testable import stallscope

/// When colours are used.
@Suite struct ColorTests {
    private func options(_ arguments: String...) throws -> ColorOptions { try ColorOptions.parse(arguments) }

    @Test func onATerminalUnlessSomebodyObjects() throws {
        #expect(try options().areUsed(isTerminal: true, environment: ["TERM": "xterm"]))
        #expect(try !options().areUsed(isTerminal: false, environment: ["TERM": "xterm"]))
        #expect(try !options().areUsed(isTerminal: true, environment: ["TERM": "dumb"]))
        #expect(try !options().areUsed(isTerminal: true, environment: ["NO_COLOR": "1"]))
        #expect(try options().areUsed(isTerminal: true, environment: ["NO_COLOR": ""]))
    }

    @Test func theOptionDecides() throws {
        #expect(try options("--color", "always").areUsed(isTerminal: false, environment: ["NO_COLOR": "1"]))
        #expect(try !options("--color=never").areUsed(isTerminal: true, environment: [:]))
        #expect(throws: (any Error).self) { try options("--color", "blue") }
    }

    @Test func errorsFollowItEvenIfTheRestIsWrong() {
        #expect(ColorOptions.forErrors(["report", "--color", "always", "--nonsense"]).color == .always)
        #expect(ColorOptions.forErrors(["report", "--color=never"]).color == .never)
        #expect(ColorOptions.forErrors(["report", "--color"]).color == .auto)
        #expect(ColorOptions.forErrors(["report"]).color == .auto)
    }
}
