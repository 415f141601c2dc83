/// What must be written so that a screen shows a frame: only lines that differ from what is there.
public struct ScreenWriter: Sendable {
    private var shown: [StyledLine] = []
    private let palette: Palette

    public init(_ palette: Palette) { self.palette = palette }

    /// The screen holds something else now.
    public mutating func forget() { shown = [] }

    /// - Returns: empty if nothing differs.
    public mutating func update(_ lines: [StyledLine]) -> String {
        var output = ""
        if shown.count != lines.count {
            output += "\u{1B}[0m\u{1B}[2J"
            shown = Array(repeating: StyledLine(), count: lines.count)
        }
        for (index, line) in lines.enumerated() where line != shown[index] {
            // What a resize cut off may still be there, so the rest of the line is cleared first.
            output += "\u{1B}[\(index + 1);1H\u{1B}[0m\u{1B}[K" + line.encoded(palette)
        }
        shown = lines
        return output
    }
}
