/// Who may read: by the name under which the site was called, and by the token.
struct AccessCheck {
    private let options: SiteOptions
    static let cookie = "stallscope_token"

    init(_ options: SiteOptions) { self.options = options }

    /// - Returns: the refusal; nil if the request may be answered.
    func refusal(of request: SiteRequest) -> SiteResponse? {
        guard isOwnName(request.host) else {
            return .text(
                421,
                "This site is not called \(request.host ?? "nothing"): use its address, or serve with --host NAME."
            )
        }
        // A page of another site may lead here, but not ask in our reader's name, even if it would not see the answer.
        if let from = request.fetchSite, from != "same-origin", from != "none",
            request.path.hasPrefix("/api/")
        {
            return .text(403, "Requests from pages of other sites are not answered.")
        }
        if let token = options.token {
            let given = Self.bearer(request.authorization) ?? Self.cookie(of: request.cookies)
            if let asked = request.query["token"], isToken(asked, token) { return enter(request, token) }
            guard let given, isToken(given, token) else {
                var response = SiteResponse.text(
                    401,
                    "A token is needed: open this address with ?token=..., or send Authorization: Bearer ...")
                response.headers.append(("WWW-Authenticate", "Bearer realm=\"stallscope\""))
                return response
            }
        }
        return nil
    }

    /// A page of another name that leads here (DNS rebinding) could read everything: so only addresses, which no one can
    /// make lead elsewhere, and known names are answered.
    private func isOwnName(_ host: String?) -> Bool {
        guard var name = host?.lowercased(), !name.isEmpty else { return false }
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            name = String(name[name.index(after: name.startIndex)..<end])
        } else if let colon = name.lastIndex(of: ":"),
            name[name.index(after: colon)...].allSatisfy(\.isNumber)
        {
            name = String(name[..<colon])
        }
        return name == "localhost" || ListenAddress.isAddress(name) || options.hosts.contains(name)
    }

    /// Takes the token out of the address, where it would be seen, and into a cookie.
    private func enter(_ request: SiteRequest, _ token: String) -> SiteResponse {
        var response = SiteResponse.text(303, "The token is kept as a cookie.")
        let rest = request.query.filter { $0.key != "token" }.sorted { $0.key < $1.key }.map {
            Self.encoded($0.key) + "=" + Self.encoded($0.value)
        }
        // As it came, a path could begin with what browsers take for another host.
        let path = "/" + (request.parts ?? []).filter { !$0.isEmpty }.map(Self.encoded).joined(separator: "/")
        response.headers.append(("Location", path + (rest.isEmpty ? "" : "?" + rest.joined(separator: "&"))))
        response.headers.append(
            ("Set-Cookie", "\(Self.cookie)=\(token); Path=/; HttpOnly; SameSite=Strict"))
        return response
    }

    /// In a time that does not tell how much of it is right.
    private func isToken(_ given: String, _ token: String) -> Bool {
        let (left, right) = (Array(given.utf8), Array(token.utf8))
        var difference = left.count ^ right.count
        for index in right.indices {
            difference |= Int(left.isEmpty ? 0 : left[index % left.count]) ^ Int(right[index])
        }
        return difference == 0
    }

    private static func bearer(_ header: String?) -> String? {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst(7)).trimmed
    }

    private static func cookie(of header: String?) -> String? {
        for part in (header ?? "").split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1)
            if pair.count == 2, String(pair[0]).trimmed == cookie { return String(pair[1]).trimmed }
        }
        return nil
    }

    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
