/// Why something cannot be exported.  Descriptions are sentences that say what to do next.
public enum ExportError: Error, Equatable, Sendable {
    /// There is something at the output's path already.
    case outputExists(path: String)
    case cannotCreate(path: String, reason: String)
    /// What was written so far is removed.
    case writeFailed(path: String, reason: String)
    /// Nobody reads standard output any more.
    case readerGone
    case noSuchView(name: String, known: [String])
    /// Parts of the filter, by the names of what they choose by, that no exported view has columns for.
    case filterDoesNotApply(parts: [String], to: String)
    /// The format shows what this recording does not hold.
    case nothingToShow(reason: String)
    case toolMissing(tool: String, install: String)
    case toolFailed(tool: String, reason: String)
}

extension ExportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outputExists(let path):
            "\(path) exists already: nothing is overwritten; give another --output, or move it away."
        case .cannotCreate(let path, let reason):
            "cannot create \(path): \(reason); give an --output that you can write to."
        case .writeFailed(let path, let reason):
            "cannot write \(path) (\(reason)): nothing is left of it. Free some space, or give another --output."
        case .readerGone:
            "nobody reads standard output any more."
        case .noSuchView(let name, let known):
            "this recording has no view \(name); its views are \(known.joined(separator: ", "))."
        case .filterDoesNotApply(let parts, let view):
            "\(view) cannot be narrowed by \(parts.joined(separator: " or ")): leave that option out."
        case .nothingToShow(let reason):
            "\(reason)."
        case .toolMissing(let tool, let install):
            "this needs the program \(tool), which is not on the PATH: \(install)."
        case .toolFailed(let tool, let reason):
            "\(tool) failed, and nothing was written: \(reason)"
        }
    }
}
