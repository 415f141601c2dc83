import Dispatch
import Glibc
import Render
import Synchronization

/// Says on a terminal what is being done, once that takes more than a second; nothing where stderr is no terminal.
enum Patience {
    private struct State {
        var isOver = false
        var hasSpoken = false
    }

    /// - Parameter what: in words, as in "Reading app.stall".
    static func during<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
        guard isatty(STDERR_FILENO) == 1 else { return try body() }
        let speaker = Speaker(what)
        speaker.begin()
        defer { speaker.end() }
        return try body()
    }

    private final class Speaker: Sendable {
        private let what: String
        private let state = Mutex(State())
        private let begun = DispatchTime.now().uptimeNanoseconds

        init(_ what: String) { self.what = TerminalText.safe(what) }

        func begin() {
            DispatchQueue.global().asyncAfter(deadline: .now() + 1) { [weak self] in self?.speak() }
        }

        private func speak() {
            let seconds = (DispatchTime.now().uptimeNanoseconds - begun) / 1_000_000_000
            let goesOn = state.withLock { state in
                guard !state.isOver else { return false }
                state.hasSpoken = true
                Self.write("\r\u{1B}[K\(what) … \(seconds) s")
                return true
            }
            if goesOn { begin() }
        }

        func end() {
            state.withLock { state in
                state.isOver = true
                if state.hasSpoken { Self.write("\r\u{1B}[K") }
            }
        }

        private static func write(_ text: String) {
            let bytes = Array(text.utf8)
            // Nothing depends on this line; if the terminal is gone, so is its reader.
            _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
        }
    }
}
