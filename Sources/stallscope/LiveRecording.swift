import Collector
import Foundation
import Logging
import Recording
import Synchronization
import TUI

/// A recording that is made on a thread of its own, for a screen that shows it meanwhile.
final class LiveRecording: Sendable {
    fileprivate struct Shared {
        var hasBegun = false
        var isOver = false
        var isStopping = false
        var failure: (any Error)?
        var onTick: (@Sendable () -> Void)?
    }

    fileprivate let shared = Mutex(Shared())
    private let begun = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let notes: HeldNotes?
    private let level: Logger.Level

    /// - Parameter isQuiet: what is logged is held back until ``end()``, because a screen is shown.
    init(level: Logger.Level, isQuiet: Bool) {
        self.level = level
        notes = isQuiet ? HeldNotes() : nil
    }

    /// - Parameter retention: what is kept while it goes on; nil: everything.
    func start(_ record: Record, keeping retention: Retention?) {
        Worker.start("recording") {
            do { _ = try record.record(LiveWatcher(self), keeping: retention) } catch {
                self.shared.withLock { $0.failure = error }
            }
            self.shared.withLock { $0.isOver = true }
            self.begun.signal()
            self.ended.signal()
        }
    }

    /// - Throws: what keeps it from being made.
    func waitUntilBegun() throws {
        begun.wait()
        guard !shared.withLock({ $0.hasBegun }) else { return }
        end()
        try check()
    }

    /// Called on the recording's thread when a tick is stored.
    func onTick(_ body: @escaping @Sendable () -> Void) { shared.withLock { $0.onTick = body } }

    var isOver: Bool { shared.withLock { $0.isOver } }

    /// Ends it, waits until the file is closed, and says what there was to say.
    func end() {
        shared.withLock { $0.isStopping = true }
        ended.wait()
        ended.signal()
        notes?.release()
    }

    /// - Throws: what ended the recording, if that was an error.
    func check() throws {
        if let failure = shared.withLock({ $0.failure }) { throw failure }
    }

    fileprivate func hasBegun() {
        shared.withLock { $0.hasBegun = true }
        begun.signal()
    }

    fileprivate func logger() -> Logger {
        let notes = notes
        var logger = Logger(label: "stallscope") { label in
            if let notes { return HeldLog(notes) }
            return StreamLogHandler.standardError(label: label)
        }
        logger.logLevel = level
        return logger
    }
}

/// What the recording's thread says of itself.
private final class LiveWatcher: RecordWatcher {
    let logger: Logger
    private let live: LiveRecording

    init(_ live: LiveRecording) {
        self.live = live
        logger = live.logger()
    }

    func created() {}
    func began(_ path: String) { live.hasBegun() }
    func show(_ progress: RecorderProgress) { live.shared.withLock { $0.onTick }?() }
    var isStopping: Bool { live.shared.withLock { $0.isStopping } }
    func finished(_ path: String, calledAs name: String) {}
    func failed() {}
}

/// Lines of a log that wait until a screen is gone.
final class HeldNotes: Sendable {
    private let lines = Mutex<(kept: [String], dropped: Int)>(([], 0))

    func add(_ line: String) {
        lines.withLock { if $0.kept.count < 100 { $0.kept.append(line) } else { $0.dropped += 1 } }
    }

    /// Prints them, once.
    func release() {
        let (kept, dropped) = lines.withLock { lines in
            defer { lines = ([], 0) }
            return lines
        }
        for line in kept { Terminal.printNote(line) }
        if dropped > 0 { Terminal.printNote("and \(dropped) more notes") }
    }
}

private struct HeldLog: LogHandler {
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.notice
    private let notes: HeldNotes

    init(_ notes: HeldNotes) { self.notes = notes }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { notes.add("\(event.level): \(event.message)") }
}
