/// A regular expression that a user gave.
struct TargetPattern {
    let text: String
    private let regex: Regex<AnyRegexOutput>

    /// - Parameter option: the option that it came with, for the error.
    init(_ text: String, option: String) throws(TargetError) {
        self.text = text
        do {
            regex = try Regex(text)
        } catch {
            throw .badPattern(
                option: option, pattern: text, problem: String(describing: error),
                position: Self.position(of: error, in: text))
        }
    }

    /// Whether it matches anywhere in `subject`.
    func matches(_ subject: String) -> Bool { subject.firstMatch(of: regex) != nil }

    /// Characters before the place of the error.  The compiler of expressions knows the place but does not
    /// export the type that holds it, so it is looked for by name.
    private static func position(of error: any Error, in text: String) -> Int? {
        let location = Mirror(reflecting: error).children.first { $0.label == "location" }?.value
        let range = location.flatMap { location in
            Mirror(reflecting: location).children.first { $0.label == "range" }?.value as? Range<String.Index>
        }
        guard let start = range?.lowerBound, start <= text.endIndex else { return nil }
        return text.distance(from: text.startIndex, to: start)
    }
}
