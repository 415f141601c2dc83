/// A request as a site looks at it; whatever serves HTTP makes it.
public struct SiteRequest: Sendable {
    /// `GET`, `HEAD`, `POST`.
    public var method: String
    /// As it came: before decoding, without the query.
    public var path: String
    /// Decoded.
    public var query: [String: String]
    public var host: String?
    public var authorization: String?
    /// The header's value.
    public var cookies: String?
    /// The header `Sec-Fetch-Site`.
    public var fetchSite: String?
    public var body: [UInt8]

    public init(
        method: String, path: String, query: [String: String] = [:], host: String? = nil,
        authorization: String? = nil, cookies: String? = nil, fetchSite: String? = nil, body: [UInt8] = []
    ) {
        (self.method, self.path, self.query, self.host) = (method, path, query, host)
        (self.authorization, self.cookies, self.fetchSite, self.body) = (
            authorization, cookies, fetchSite, body
        )
    }

    /// The parts of the path, decoded each for itself, so that no part holds what divides parts.
    /// - Returns: nil for what no address of this site looks like.
    var parts: [String]? {
        guard path.hasPrefix("/") else { return nil }
        var parts: [String] = []
        for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard let decoded = Self.decoded(part), !decoded.contains("/"), !decoded.contains("\0"),
                decoded != ".", decoded != ".."
            else { return nil }
            parts.append(decoded)
        }
        return parts
    }

    private static func decoded(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(part.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

public struct SiteResponse: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    init(_ status: Int, _ type: String, _ body: [UInt8]) {
        self.status = status
        headers = [("Content-Type", type)]
        self.body = body
    }

    static func text(_ status: Int, _ text: String) -> SiteResponse {
        SiteResponse(status, "text/plain; charset=utf-8", Array((text + "\n").utf8))
    }

    static func html(_ text: [UInt8]) -> SiteResponse { SiteResponse(200, "text/html; charset=utf-8", text) }

    static func json(_ status: Int, _ text: String) -> SiteResponse {
        SiteResponse(status, "application/json; charset=utf-8", Array(text.utf8))
    }

    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}
