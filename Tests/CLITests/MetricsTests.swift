import CommandRunning
import Foundation
import Testing

/// `/metrics`, as Prometheus and its tool read it.
@Suite(.needsServer) struct MetricsTests {
    private let scratch: Scratch
    private let story: Story

    init() throws {
        scratch = try Scratch()
        // Prometheus takes the samples of now; the recording's own times do not matter to it.
        story = try Story(at: scratch.path("live.stall"), threads: 100)
        try story.append(22)
    }

    private func samples(_ text: String) -> [String: Double] {
        var samples: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            samples[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return samples
    }

    @Test func countersGrowAndAddUp() throws {
        let server = try RunningServer(scratch.path("live.stall"))
        var last = samples(try server.client.get("/metrics").body)
        #expect(last["stallscope_watched_seconds_total"] == 22)
        #expect(last["stallscope_threads"] == 101)
        for _ in 0..<3 {
            try story.append(2)
            let next = samples(try server.client.get("/metrics").body)
            for (name, value) in last where name.contains("_total") {
                #expect(next[name] ?? -1 >= value, "\(name)")
            }
            let watched = "stallscope_watched_seconds_total"
            #expect(next[watched] == last[watched].map { $0 + 2 })
            let threads = next.filter { $0.key.hasPrefix("stallscope_thread_seconds_total") }
            let states = next.filter { $0.key.hasPrefix("stallscope_state_seconds_total") }
            // Twenty threads and the others, three states each.
            #expect(threads.count <= 63)
            let (each, whole) = (threads.values.reduce(0, +), states.values.reduce(0, +))
            #expect(abs(each - whole) < 1e-6 * whole)
            last = next
        }
        // Asked again, nothing is counted twice.
        #expect(samples(try server.client.get("/metrics").body) == last)
        let held = last.first { $0.key.hasPrefix("stallscope_run_queue_seconds_total{kind=\"thread\"") }
        // Ticks 21 to 28, in each of which the server was held up for 400 ms.
        #expect(abs((held?.value ?? 0) - 8 * 0.4) < 1e-6)
    }

    @Test(.needs("promtool")) func namesAndUnitsAreAsPrometheusWantsThem() throws {
        let server = try RunningServer(scratch.path("live.stall"))
        let file = scratch.path("metrics.txt")
        try Data(try server.client.get("/metrics").body.utf8).write(to: URL(fileURLWithPath: file))
        let check = try OutsidePrograms.run(["sh", "-c", "promtool check metrics < \"$0\"", file])
        #expect(check.status == 0, "\(check.errors)")
        #expect(check.errors.isEmpty && check.output.isEmpty, "\(check.output) \(check.errors)")
    }

    /// Every metric that docs/grafana.json asks for is there, and no other.
    @Test func dashboardUsesTheseNames() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let dashboard = try JSONSerialization.jsonObject(
            with: try Data(contentsOf: root.appending(path: "docs/grafana.json")))
        let panels = try #require((dashboard as? [String: Any])?["panels"] as? [[String: Any]])
        let queries = panels.flatMap { $0["targets"] as? [[String: Any]] ?? [] }.compactMap {
            $0["expr"] as? String
        }
        #expect(queries.count >= panels.count)
        let server = try RunningServer(scratch.path("live.stall"))
        let text = try server.client.get("/metrics").body
        let known = Set(
            text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        )
        for query in queries {
            for name in query.split(whereSeparator: { !$0.isLetter && $0 != "_" })
            where name.hasPrefix("stallscope_") {
                #expect(known.contains(name), "\(name)")
            }
        }
    }

    @Test(.needs("prometheus")) func prometheusScrapesIt() throws {
        let server = try RunningServer(scratch.path("live.stall"), ["--token", "0123456789abcdef"])
        let port = try RunningServer.freePort()
        let configuration = """
            global: { scrape_interval: 1s }
            scrape_configs:
              - job_name: stallscope
                authorization: { credentials: 0123456789abcdef }
                static_configs: [{ targets: ["127.0.0.1:\(server.port)"] }]
            """
        try Data(configuration.utf8).write(to: URL(fileURLWithPath: scratch.path("prometheus.yml")))
        let prometheus = try RunningCommand(
            [
                "prometheus", "--config.file=\(scratch.path("prometheus.yml"))",
                "--storage.tsdb.path=\(scratch.path("tsdb"))", "--web.listen-address=127.0.0.1:\(port)",
            ], program: "/usr/bin/env")
        defer { prometheus.end() }
        let client = HTTPClient(port: port)
        let rate = "rate(stallscope_state_seconds_total%7Bstate%3D%22on_cpu%22%7D%5B30s%5D)"
        let end = Date.now + 45
        var value = 0.0
        while value <= 0, Date.now < end {
            usleep(500_000)
            try story.append()
            guard let answer = try? client.get("/api/v1/query?query=\(rate)"), answer.status == 200 else {
                continue
            }
            value = Self.value(of: answer.body)
        }
        #expect(value > 0)
        let targets = try client.get("/api/v1/query?query=up%7Bjob%3D%22stallscope%22%7D").body
        #expect(Self.value(of: targets) == 1)
    }

    /// Of the first series of an answer; 0 if there is none.
    private static func value(of body: String) -> Double {
        // Its sender may send it in pieces, each with its length before it.
        guard let begin = body.firstIndex(of: "{"), let last = body.lastIndex(of: "}") else { return 0 }
        let json = try? JSONSerialization.jsonObject(with: Data(body[begin...last].utf8)) as? [String: Any]
        let result = (json?["data"] as? [String: Any])?["result"] as? [[String: Any]]
        return ((result?.first?["value"] as? [Any])?.last as? String).flatMap(Double.init) ?? 0
    }
}
