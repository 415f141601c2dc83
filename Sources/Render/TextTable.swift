/// A table of aligned columns.
public struct TextTable {
    public enum Alignment: Sendable { case left, right }

    private let titles: [String]
    private let alignments: [Alignment]
    private let widest: Int
    private var rows: [[String]] = []

    /// - Parameter widest: cells are cut to this many columns, unless numbers are raw.
    public init(_ columns: [(title: String, alignment: Alignment)], widest: Int = 60) {
        titles = columns.map(\.title)
        alignments = columns.map(\.alignment)
        self.widest = Units.isRaw ? .max : widest
    }

    /// Adds a row; cells may hold anything, and what a terminal would obey is escaped.
    public mutating func add(_ cells: [String]) {
        rows.append(cells.map { TerminalText.cut(TerminalText.safe($0), to: widest) })
    }

    /// Lines with two spaces between columns and none at their ends.
    public func lines(indent: Int = 0) -> [String] {
        let all = [titles.map(TerminalText.safe)] + rows
        var widths = titles.map { _ in 0 }
        for row in all {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], TerminalText.width(cell))
            }
        }
        let margin = String(repeating: " ", count: indent)
        return all.map { row in
            var line = margin
            for (column, cell) in row.enumerated() where column < widths.count {
                let padding = String(repeating: " ", count: widths[column] - TerminalText.width(cell))
                if column > 0 { line += "  " }
                line += alignments[column] == .right ? padding + cell : cell + padding
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}
