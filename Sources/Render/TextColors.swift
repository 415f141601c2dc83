/// Colours for what is printed as text, by the form that all of it has.
public enum TextColors {
    /// Titles are bold, column titles and what is marked stand out, and bars have the colours of their states.
    ///
    /// - Parameter text: without any sequences of a terminal.
    public static func paint(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { paint(line: $0) }
            .joined(separator: "\n")
    }

    /// A table without a title: only its column titles stand out.
    public static func paintTable(_ text: String) -> String {
        guard let end = text.firstIndex(of: "\n") else { return text }
        return "\u{1B}[1m\(text[..<end])\u{1B}[0m" + text[end...]
    }

    private static func paint(line: Substring) -> String {
        guard let first = line.first else { return "" }
        if first != " " { return "\u{1B}[1m\(line)\u{1B}[0m" }
        let words = line.drop { $0 == " " }
        if words.hasPrefix("►") { return "\u{1B}[1;31m\(line)\u{1B}[0m" }
        if isHeader(words) { return "\u{1B}[36m\(line)\u{1B}[0m" }
        if words.hasPrefix("no   ") { return "\u{1B}[31m\(line)\u{1B}[0m" }
        return bars(line)
    }

    /// Words in capitals, as the first line of each table has them.
    private static func isHeader(_ words: Substring) -> Bool {
        words.contains { $0.isUppercase } && !words.contains { $0.isLowercase || $0.isNumber || $0 == "/" }
            || words.hasPrefix("THREAD ") || words.hasPrefix("SHARE ")
    }

    private static func bars(_ line: Substring) -> String {
        guard line.contains(where: { color(of: $0) != nil }) else { return String(line) }
        var (painted, current) = ("", String?.none)
        for cell in line {
            let color = color(of: cell)
            if color != current {
                painted += color.map { "\u{1B}[\($0)m" } ?? "\u{1B}[0m"
                current = color
            }
            painted.append(cell)
        }
        return current == nil ? painted : painted + "\u{1B}[0m"
    }

    private static func color(of cell: Character) -> String? {
        switch cell {
        case "█": "32"
        case "▒": "33"
        case "╳": "31"
        default: nil
        }
    }
}
