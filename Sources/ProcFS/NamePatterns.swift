/// Regular expressions, of which one must match somewhere in the comm or the command line of a process.
public struct NamePatterns {
    private let patterns: [TargetPattern]

    /// - Parameter option: the option that they came with, for the error.
    public init(_ texts: [String], option: String) throws(TargetError) {
        var patterns: [TargetPattern] = []
        for text in texts { patterns.append(try TargetPattern(text, option: option)) }
        self.patterns = patterns
    }

    /// The pattern that matches; nil if none does.
    public func match(comm: String, commandLine: @autoclosure () -> String) -> String? {
        guard !patterns.isEmpty else { return nil }
        if let found = patterns.first(where: { $0.matches(comm) }) { return found.text }
        let line = commandLine()
        return patterns.first { $0.matches(line) }?.text
    }
}
