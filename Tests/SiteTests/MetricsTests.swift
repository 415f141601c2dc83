import ExampleRecording
import Foundation
import Model
import Recording
import Testing

@testable import Site

/// What `/metrics` says of a recording.
@Suite struct MetricsTests {
    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "stallscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    /// All its states are told, of all threads and of each, and are the sums of its view.
    @Test func statesAreThoseOfTheRecording() throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let path = directory.appending(path: "example.stall").path
        try ExampleRecording.write(to: path, stacks: false)
        let recording = try Recording.open(path)
        var counters = RecordingCounters()
        try counters.update(recording)
        let text = MetricsText.render(counters, recording, name: "example.stall")
        let columns = [
            "on_cpu": "on_cpu_ns", "waking": "waking_ns", "run_queue": "run_queue_ns",
            "blocked": "blocked_ns",
        ]
        #expect(Set(columns.keys) == Set(RecordingCounters.stateNames))
        for (state, column) in columns {
            let row = try recording.query("SELECT sum(\(column)) FROM thread_seconds").rows.first
            guard case .integer(let expected)? = row?.first else {
                Issue.record("\(state): \(String(describing: row))")
                continue
            }
            let lines = text.split(separator: "\n").filter { $0.contains("state=\"\(state)\"") }
            let values = lines.compactMap { line in
                line.split(separator: " ").last.flatMap { Double($0) }.map { (line, $0) }
            }
            let all = values.filter { $0.0.hasPrefix("stallscope_state_seconds_total{") }.map(\.1)
            let each = values.filter { $0.0.hasPrefix("stallscope_thread_seconds_total{") }.map(\.1)
            #expect(all.count == 1 && each.count > 1, "\(lines)")
            for sum in [all.reduce(0, +), each.reduce(0, +)] {
                #expect(abs(sum - Double(expected) / 1e9) < 1e-6, "\(state): \(sum)")
            }
        }
    }
}
