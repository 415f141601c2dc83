import GRDB
import Glibc
import Model

/// A recording opened for reading, which also works while it is written and after its writer was killed.
///
/// Nothing of the file is ever changed.  Loaders throw ``RecordingError/damaged(path:reason:)`` when SQLite
/// finds a part of the file that makes no sense.
public final class Recording: Sendable {
    /// The file, as an absolute path.
    public let path: String
    public let header: RecordingHeader
    /// False while the recording goes on, or if its writer was killed.
    public let isFinished: Bool
    private let queue: DatabaseQueue

    private init(path: String, queue: DatabaseQueue, header: RecordingHeader, isFinished: Bool) {
        self.path = path
        self.queue = queue
        self.header = header
        self.isFinished = isFinished
    }

    /// Opens a recording.
    /// - Throws: ``RecordingError/notFound(path:)``, ``RecordingError/notReadable(path:reason:)``,
    ///   ``RecordingError/notARecording(path:)``, ``RecordingError/damaged(path:reason:)``,
    ///   ``RecordingError/newerFormat(path:found:known:)``.
    public static func open(_ path: String) throws(RecordingError) -> Recording {
        let path = FilePaths.absolute(path)
        try checkReadable(path)
        do {
            return try open(path, as: path)
        } catch .notReadable(_, let reason) {
            // In WAL mode SQLite wants to make files beside the recording.  Where it may not, and no -wal
            // holds anything that is missing in the file, the file alone is the whole recording.
            guard access(path + "-wal", F_OK) != 0 else {
                throw .notReadable(path: path, reason: reason)
            }
            return try open(path, as: FilePaths.immutableURI(path))
        }
    }

    private static func open(_ path: String, as name: String) throws(RecordingError) -> Recording {
        do {
            let queue = try DatabaseQueue(path: name, configuration: configuration())
            let (header, isFinished) = try queue.inDatabase { db in
                try checkFormat(db, path)
                return try Header.load(db)
            }
            return Recording(path: path, queue: queue, header: header, isFinished: isFinished)
        } catch {
            throw ReadFailure.explain(error, path: path)
        }
    }

    /// Reads within one snapshot of the recording: what is written meanwhile does not show.
    func read<Value>(_ body: (Database) throws -> Value) throws(RecordingError) -> Value {
        do {
            return try queue.read(body)
        } catch {
            throw ReadFailure.explain(error, path: path)
        }
    }

    /// For what SQLite does in no transaction; nothing of the file is changed by it.
    func outsideTransaction(_ body: (Database) throws -> Void) throws { try queue.inDatabase(body) }

    private static func checkReadable(_ path: String) throws(RecordingError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { throw .notFound(path: path) }
            throw .notReadable(path: path, reason: OutputFile.text(of: errno))
        }
        // SQLite takes the -wal beside an empty file for what a deleted one left, and removes it, under the hands of who is
        // just making the recording.
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { throw .notARecording(path: path) }
        guard access(path, R_OK) == 0 else {
            throw .notReadable(path: path, reason: OutputFile.text(of: errno))
        }
    }

    private static func checkFormat(_ db: Database, _ path: String) throws {
        guard try Int64.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID else {
            throw RecordingError.notARecording(path: path)
        }
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found <= Schema.version else {
            throw RecordingError.newerFormat(path: path, found: found, known: Schema.version)
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            db.add(function: HistogramSum.function)
            // Sorting goes through memory, not through files in a directory that may not be writable.
            try db.execute(sql: "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000")
        }
        return configuration
    }
}
