import Foundation
import Recording

/// A place for a recording that nobody wants to keep.
enum TemporaryRecording {
    /// Removes it after `body`, whatever happened.
    static func with<Result>(_ body: (_ path: String) throws -> Result) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "stallscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: directory) } catch {
                Terminal.printError(
                    "The recording in \(directory.path) could not be removed: \(error.localizedDescription)")
            }
        }
        return try body(directory.appending(path: "recording.stall").path)
    }
}

extension Recording {
    /// Hands over this recording, or a copy in which arguments and paths are hidden, for the time of `body`.
    func redacted<Result>(_ isWanted: Bool, _ body: (Recording) throws -> Result) throws -> Result {
        guard isWanted else { return try body(self) }
        return try TemporaryRecording.with { path in
            try Patience.during("Hiding arguments and paths") { _ = try snapshot(to: path, redacting: true) }
            return try body(Recording.open(path))
        }
    }
}
