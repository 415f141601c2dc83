import Foundation
import Recording
import Synchronization

/// Answers of `/metrics`: of the newest recording, counted on from the last time.
final class MetricsAnswer: Sendable {
    private struct State {
        var path = ""
        var started: UInt64 = 0
        var counters = RecordingCounters()
    }

    private let state = Mutex(State())
    private let work = DispatchQueue(label: "stallscope.metrics")

    func answer(_ catalogue: Catalogue) async -> SiteResponse {
        await withCheckedContinuation { continuation in
            work.async { continuation.resume(returning: self.make(catalogue)) }
        }
    }

    private func make(_ catalogue: Catalogue) -> SiteResponse {
        guard let entry = catalogue.entries.first else {
            return .text(503, "There is no recording yet.")
        }
        do {
            let recording = try Recording.open(entry.path)
            let text = try state.withLock { state in
                // Another recording begins from nothing, as another process would.
                if state.path != entry.path || state.started != recording.header.started {
                    state = State(path: entry.path, started: recording.header.started)
                }
                try state.counters.update(recording)
                return MetricsText.render(state.counters, recording, name: entry.name)
            }
            return SiteResponse(200, "text/plain; version=0.0.4; charset=utf-8", Array(text.utf8))
        } catch {
            return .text(503, "\(error)")
        }
    }
}
