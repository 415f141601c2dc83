import Render

/// What a piece of text means; which colour that is, is the palette's matter.
public enum Tone: Sendable, Equatable {
    case plain, faint, heading, key, alarm, calm
    case onCPU, runQueue
    case blocked(BlockedKind)
}

/// How cells look.
public struct Style: Sendable, Equatable {
    public var tone = Tone.plain
    public var isBold = false
    public var isReversed = false

    public init(_ tone: Tone = .plain, isBold: Bool = false, isReversed: Bool = false) {
        (self.tone, self.isBold, self.isReversed) = (tone, isBold, isReversed)
    }
}

/// A line of the screen: cells of a style, run by run.  Text in it is harmless for a terminal.
public struct StyledLine: Sendable, Equatable {
    public struct Run: Sendable, Equatable {
        public var text: String
        public var style: Style
    }

    public private(set) var runs: [Run] = []
    /// Columns that it takes.
    public private(set) var width = 0

    public init() {}

    public init(_ text: String, _ tone: Tone = .plain, isBold: Bool = false) {
        add(text, tone, isBold: isBold)
    }

    /// Without styles.
    public var text: String { runs.map(\.text).joined() }

    public mutating func add(_ text: String, _ tone: Tone = .plain, isBold: Bool = false) {
        guard !text.isEmpty else { return }
        let text = TerminalText.safe(text)
        let style = Style(tone, isBold: isBold)
        width += TerminalText.width(text)
        if let last = runs.last, last.style == style {
            runs[runs.count - 1].text += text
        } else {
            runs.append(Run(text: text, style: style))
        }
    }

    /// Adds text in a column of `width`, cut or filled up.
    public mutating func add(
        _ text: String, _ tone: Tone = .plain, isBold: Bool = false, width: Int, isRight: Bool = false
    ) {
        guard width > 0 else { return }
        let text = TerminalText.cut(TerminalText.safe(text), to: width)
        let space = String(repeating: " ", count: max(0, width - TerminalText.width(text)))
        add(isRight ? space + text : text + space, tone, isBold: isBold)
    }

    public mutating func add(_ line: StyledLine) {
        for run in line.runs { add(run.text, run.style.tone, isBold: run.style.isBold) }
    }

    /// The line in exactly `width` columns.
    public func fitted(to limit: Int) -> StyledLine {
        if width == limit { return self }
        guard width > limit else {
            var line = self
            line.add(String(repeating: " ", count: limit - width))
            return line
        }
        var line = StyledLine()
        for run in runs {
            let room = limit - line.width
            guard TerminalText.width(run.text) > room else {
                line.add(run.text, run.style.tone, isBold: run.style.isBold)
                continue
            }
            // A wide character that does not fit leaves a cell.
            line.add(run.text, run.style.tone, isBold: run.style.isBold, width: room)
            break
        }
        return line
    }

    public func reversed() -> StyledLine {
        var line = self
        for index in line.runs.indices { line.runs[index].style.isReversed = true }
        return line
    }
}
