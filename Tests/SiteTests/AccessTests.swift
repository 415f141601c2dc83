import Testing

@testable import Site

/// Who is answered, without a server.
@Suite struct AccessTests {
    private func check(token: String? = nil) throws -> AccessCheck {
        let address = try #require(ListenAddress("127.0.0.1:7878"))
        return AccessCheck(
            try SiteOptions(path: "/", listen: address, token: token, hosts: ["Stalls.Example"]))
    }

    @Test(arguments: [
        ("localhost", true), ("LOCALHOST:7878", true), ("127.0.0.1:1", true), ("[::1]:7878", true),
        ("10.1.2.3", true), ("stalls.example:80", true), ("evil.example", false), ("", false),
        ("localhost.evil.example", false), ("127.0.0.1.evil.example:7878", false), ("0x7f000001", false),
        ("2130706433", false),
    ])
    func onlyAddressesAndKnownNamesAreAnswered(host: String, isAnswered: Bool) throws {
        let refusal = try check().refusal(of: SiteRequest(method: "GET", path: "/", host: host))
        #expect((refusal == nil) == isAnswered)
    }

    @Test func aTokenIsTakenFromHeaderCookieAndAddress() throws {
        let check = try check(token: "abcdefgh")
        func status(_ change: (inout SiteRequest) -> Void) -> Int {
            var request = SiteRequest(method: "GET", path: "/", host: "localhost")
            change(&request)
            return check.refusal(of: request)?.status ?? 200
        }
        #expect(status { _ in } == 401)
        #expect(status { $0.authorization = "Bearer abcdefgh" } == 200)
        #expect(status { $0.authorization = "Bearer abcdefghabcdefgh" } == 401)
        #expect(status { $0.authorization = "Bearer " } == 401)
        #expect(status { $0.authorization = "Basic abcdefgh" } == 401)
        #expect(status { $0.cookies = "x=1; stallscope_token=abcdefgh" } == 200)
        #expect(status { $0.cookies = "stallscope_token=abcdefgx" } == 401)
        #expect(status { $0.query = ["token": "abcdefgh"] } == 303)
    }

    @Test(arguments: [
        ("/api/query", "cross-site", 403), ("/api/query", "same-site", 403),
        ("/api/query", "same-origin", 200),
        ("/api/query", "none", 200), ("/recordings/a", "cross-site", 200),
    ])
    func pagesOfOtherSitesDoNotQuery(path: String, from: String, status: Int) throws {
        let request = SiteRequest(method: "GET", path: path, host: "localhost", fetchSite: from)
        #expect(try check().refusal(of: request)?.status ?? 200 == status)
    }

    @Test func addressesThatOthersReachNeedAToken() throws {
        let open = try #require(ListenAddress("0.0.0.0:80"))
        #expect(throws: SiteError.needsToken(address: "0.0.0.0:80")) {
            try SiteOptions(path: "/", listen: open, token: nil)
        }
        #expect(throws: SiteError.shortToken) { try SiteOptions(path: "/", listen: open, token: "short") }
        #expect(ListenAddress("localhost:1")?.host == "127.0.0.1")
        #expect(ListenAddress("[::1]:1")?.isLoopback == true)
        for bad in ["", ":80", "example.com:80", "127.0.0.1", "127.0.0.1:70000"] {
            #expect(ListenAddress(bad) == nil, "\(bad)")
        }
    }

    @Test(arguments: ["/a/..", "/%2e%2e/a", "/a%2fb", "/a%00", "/%f", "/%ff", "a"])
    func pathsThatLeadElsewhereHaveNoParts(path: String) {
        #expect(SiteRequest(method: "GET", path: path).parts == nil)
    }
}
