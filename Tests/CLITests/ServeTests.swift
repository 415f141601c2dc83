import CommandRunning
import Foundation
import Testing

/// `stallscope serve` as its readers see it.
@Suite(.needsServer) struct ServeTests {
    private let scratch: Scratch
    private let story: Story

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(
            atPath: scratch.path("folder"), withIntermediateDirectories: true)
        story = try Story(at: scratch.path("folder/one & two.stall"), threads: 3)
        try story.append(30)
        let outside = try Story(at: scratch.path("secret.stall"), threads: 1)
        try outside.append(2)
        try outside.finish()
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("folder/link.stall"), withDestinationPath: scratch.path("secret.stall"))
        try Data("no recording".utf8).write(to: URL(fileURLWithPath: scratch.path("folder/notes.txt")))
    }

    @Test func recordingsAreListedAndShownWhileOneIsWritten() throws {
        let server = try RunningServer(scratch.path("folder"))
        let list = try server.client.get("/")
        #expect(list.status == 200)
        #expect(list.body.contains("/recordings/one%20%26%20two.stall"))
        #expect(list.body.contains("30.0 s so far"))
        #expect(!list.body.contains("link.stall") && !list.body.contains("notes.txt"))
        let page = try server.client.get("/recordings/one%20%26%20two.stall")
        #expect(page.status == 200)
        #expect(page.body.contains("<title>one &amp; two.stall"))
        let policy = try #require(page.headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        let nonce = try #require(
            policy.components(separatedBy: "'nonce-").dropFirst().first?.prefix { $0 != "'" })
        #expect(page.body.contains("<script type=\"module\" nonce=\"\(nonce)\">"))
        for header in ["x-content-type-options", "x-frame-options", "referrer-policy", "cache-control"] {
            #expect(page.headers[header] != nil, "\(header)")
        }
        #expect(try server.stop().status == 0)
    }

    @Test(arguments: [
        "/recordings/link.stall", "/recordings/notes.txt", "/recordings/../secret.stall",
        "/recordings/..%2fsecret.stall", "/recordings/%2e%2e/secret.stall",
        "/recordings/%2e%2e%2fsecret.stall",
        "/recordings//etc/passwd", "/recordings/%2fetc%2fpasswd", "/../secret.stall",
        "/recordings/one%00.stall",
        "/recordings/..", "/recordings/", "/folder/one%20%26%20two.stall", "/recordings/%ff%fe",
        "/recordings/%zz",
    ])
    func nothingElseIsShown(target: String) throws {
        let server = try RunningServer(scratch.path("folder"))
        let answer = try server.client.get(target)
        #expect(answer.status == 404 || answer.status == 400, "\(target): \(answer.status)")
        #expect(!answer.body.contains("SQLite format") && !answer.body.contains("root:"))
    }

    @Test func otherNamesAreNotAnswered() throws {
        let server = try RunningServer(scratch.path("folder"), ["--host", "stalls.example"])
        #expect(try server.client.get("/", ["Host": "evil.example"]).status == 421)
        #expect(try server.client.get("/", ["Host": "127.0.0.1.evil.example:\(server.port)"]).status == 421)
        #expect(try server.client.get("/", ["Host": "localhost:\(server.port)"]).status == 200)
        #expect(try server.client.get("/", ["Host": "[::1]:\(server.port)"]).status == 200)
        #expect(try server.client.get("/", ["Host": "stalls.example"]).status == 200)
    }

    @Test func nothingCanBeWritten() throws {
        let server = try RunningServer(scratch.path("folder"))
        for method in ["POST", "PUT", "DELETE"] {
            #expect(try server.client.send(method, "/recordings/one%20%26%20two.stall").status == 405)
        }
    }

    @Test func tokenIsNeededAndBecomesACookie() throws {
        let token = "0123456789abcdef"
        let server = try RunningServer(scratch.path("folder"), ["--token", token])
        let client = server.client
        for target in ["/", "/metrics", "/api/query?sql=SELECT+1", "/?token=0123456789abcdee", "/?token="] {
            #expect(try client.get(target).status == 401, "\(target)")
        }
        #expect(try client.get("/metrics", ["Authorization": "Bearer \(token)"]).status == 200)
        let entered = try client.get("/?token=\(token)")
        #expect(entered.status == 303)
        #expect(entered.headers["location"] == "/")
        let cookie = try #require(entered.headers["set-cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
        #expect(try client.get("/", ["Cookie": "a=b; \(cookie.prefix { $0 != ";" })"]).status == 200)
        for target in ["//evil.example/", "/%5cevil.example/", "/\\evil.example/"] {
            let location = try client.get("\(target)?token=\(token)").headers["location"] ?? ""
            #expect(
                location.hasPrefix("/") && !location.hasPrefix("//") && !location.contains("\\"), "\(target)")
        }
    }

    @Test func otherAddressesNeedAToken() throws {
        let run = try RunningCommand.run(["serve", scratch.path("folder"), "--listen", "0.0.0.0:0"])
        #expect(run.status != 0)
        #expect(run.errors.contains("token"))
        for bad in [["--listen", "nowhere"], ["--token", "short"], ["--listen", "127.0.0.1:99999"]] {
            #expect(try RunningCommand.run(["serve", scratch.path("folder")] + bad).status != 0)
        }
        #expect(try RunningCommand.run(["serve", "/nonexistent"]).errors.contains("/nonexistent"))
    }

    private func query(_ client: HTTPClient, _ sql: String) throws -> (status: Int, answer: [String: Any]) {
        let body = try JSONSerialization.data(
            withJSONObject: ["recording": "one & two.stall", "sql": sql])
        let answer = try client.send("POST", "/api/query", body: String(decoding: body, as: UTF8.self))
        let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        return (answer.status, object ?? [:])
    }

    @Test func queriesAreAnsweredWithinLimits() throws {
        let server = try RunningServer(scratch.path("folder"))
        let ticks = try query(server.client, "SELECT count(*) AS ticks FROM ticks")
        #expect(ticks.status == 200)
        #expect((ticks.answer["rows"] as? [[String: Any]])?.first?["ticks"] as? Int == 30)
        #expect(ticks.answer["truncated"] as? Bool == false)
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        let many = try query(server.client, endless + "SELECT i FROM n")
        #expect((many.answer["rows"] as? [Any])?.count == 10_000)
        #expect(many.answer["truncated"] as? Bool == true)
        let began = Date.now
        #expect(try query(server.client, endless + "SELECT count(*) FROM n").status == 503)
        #expect(Date.now.timeIntervalSince(began) < 15)
        for bad in [
            "DELETE FROM ticks", "ATTACH '/etc/passwd' AS p", "PRAGMA user_version = 9",
            "SELECT zeroblob(900000000)", "nonsense",
        ] {
            let refused = try query(server.client, bad)
            #expect(refused.status == 400, "\(bad)")
            #expect(refused.answer["error"] is String)
        }
        #expect(try server.client.get("/api/query?sql=SELECT%201%20AS%20one").body.contains("{\"one\":1}"))
        #expect(try server.client.send("POST", "/api/query", body: "{").status == 400)
        #expect(try server.client.get("/api/query?recording=link.stall&sql=SELECT%201").status == 404)
    }
}
