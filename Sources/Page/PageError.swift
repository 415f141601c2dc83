import Compression

/// Why no page can be made.
public enum PageError: Error, Equatable, Sendable {
    case compression(GzipError)
    case noTicks(path: String)
    case cannotWrite(path: String, reason: String)
}

extension PageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .compression(let error):
            "the page's data stays too large: \(error)."
        case .noTicks(let path):
            "\(path) holds no tick yet, so there is nothing to draw: wait a second, or record for longer."
        case .cannotWrite(let path, let reason):
            "cannot write \(path): \(reason); give a file in a directory that you can write to."
        }
    }
}
