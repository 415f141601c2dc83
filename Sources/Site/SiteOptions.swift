import Glibc

/// What a site serves, where, and to whom.
public struct SiteOptions: Sendable {
    /// A recording, or a folder of recordings.
    public var path: String
    public var listen: ListenAddress
    /// Whoever asks must have it; nil: everybody who can reach the address may read.
    public var token: String?
    /// Names by which the site may be called beside `localhost` and addresses.
    public var hosts: [String]
    /// Of queries.
    public var queryRows = 10_000
    public var querySeconds = 5.0

    /// - Throws: ``SiteError/needsToken(address:)``, ``SiteError/shortToken``.
    public init(path: String, listen: ListenAddress, token: String?, hosts: [String] = []) throws(SiteError) {
        if token == nil, !listen.isLoopback { throw .needsToken(address: listen.text) }
        if let token, token.utf8.count < 8 || !token.utf8.allSatisfy(Self.isTokenByte) { throw .shortToken }
        (self.path, self.listen, self.token) = (path, listen, token)
        self.hosts = hosts.map { $0.lowercased() }
    }

    /// What stands in a cookie and in an address as it is.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// `127.0.0.1:7878`, `[::1]:7878`.
public struct ListenAddress: Sendable, Equatable {
    /// An address of IPv4 or IPv6, without brackets.
    public var host: String
    public var port: UInt16

    /// - Returns: nil if the text is no address with a port.  `localhost` is 127.0.0.1.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host == "localhost" { host = "127.0.0.1" }
        guard Self.isAddress(host) else { return nil }
        (self.host, self.port) = (host, port)
    }

    public var text: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    public var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }

    /// Whether a text is an address, and no name.
    static func isAddress(_ text: String) -> Bool {
        var (four, six) = (in_addr(), in6_addr())
        return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1
    }
}

/// Why a site cannot be served.  Descriptions are sentences that say what to do next.
public enum SiteError: Error, Equatable, Sendable {
    case needsToken(address: String)
    case shortToken
    case notFound(path: String)
    case cannotListen(address: String, reason: String)
}

extension SiteError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .needsToken(let address):
            "\(address) can be reached from other hosts, and a recording tells what a host does: give a --token (or "
                + "STALLSCOPE_TOKEN) that readers must have, or listen on 127.0.0.1."
        case .shortToken:
            "the token must have eight characters or more, of letters, digits, - and _; `openssl rand -hex 16` makes one."
        case .notFound(let path):
            "there is no file or folder \(path); give a recording made by `stallscope record`, or a folder of such."
        case .cannotListen(let address, let reason):
            "cannot listen on \(address): \(reason); give another --listen."
        }
    }
}
