import Foundation
import Model
import Recording
import Testing

/// Every query of docs/metrics.md runs on an empty recording: its views and columns are there.
@Suite struct MetricsTests {
    private static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/metrics.md")

    /// Blocks of indented lines that begin with SELECT.
    private static func queries() throws -> [String] {
        var queries: [[String]] = []
        var isInBlock = false
        for line in try String(contentsOf: page, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            let text = line.trimmingCharacters(in: .whitespaces)
            let isIndented = line.hasPrefix("       ")
            if isIndented && text.hasPrefix("SELECT") { queries.append([]) }
            isInBlock = isIndented && !text.isEmpty && (isInBlock || text.hasPrefix("SELECT"))
            if isInBlock { queries[queries.count - 1].append(text) }
        }
        return queries.map { $0.joined(separator: "\n") }
    }

    @Test func eachQueryRuns() throws {
        let queries = try Self.queries()
        #expect(queries.count == 20)
        let file = FileManager.default.temporaryDirectory.appending(
            path: "metrics-\(UUID().uuidString).stall")
        defer { try? FileManager.default.removeItem(at: file) }
        let writer = try RecordingWriter.create(
            at: file.path,
            header: RecordingHeader(
                host: "h", kernel: "k", bootID: "b", cpus: 1, started: 1, interval: 1, command: "c",
                version: "v"))
        try writer.append(TickBatch(tick: Tick(number: 0, time: 2, bootTime: 2, duration: 1)))
        try writer.finish()
        let recording = try Recording.open(file.path)
        for query in queries {
            let result = try recording.query(query)
            #expect(result.rows.isEmpty && !result.columns.isEmpty, "\(query)")
        }
    }
}
