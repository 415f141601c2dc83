/// Why a recording cannot be made or read.  Descriptions are sentences that say what to do next.
public enum RecordingError: Error, Equatable, Sendable {
    /// The output file is there already.
    case outputExists(path: String)
    /// The output file cannot be made: its directory is missing, not writable, or no directory.
    case cannotCreate(path: String, reason: String)
    /// The file system is full.  Everything up to `lastTick` (nil: nothing yet) is stored and readable.
    case diskFull(path: String, lastTick: Int64?)
    /// Writing failed for another reason.  Everything up to `lastTick` is stored and readable.
    case writeFailed(path: String, reason: String, lastTick: Int64?)
    /// The file was removed, renamed or replaced while it was written.
    ///
    /// - Parameter isSaved: everything up to `lastTick` was stored in a new file at the same path.
    case moved(path: String, lastTick: Int64?, isSaved: Bool)
    /// Something was appended after ``RecordingWriter/finish()`` or after an error.
    case closed(path: String)

    case notFound(path: String)
    case notReadable(path: String, reason: String)
    /// The file is something else.
    case notARecording(path: String)
    /// The file is a recording, or was one, that has lost or changed parts.
    case damaged(path: String, reason: String)
    /// The file was made by a newer Stallscope, with a format that this one does not know.
    case newerFormat(path: String, found: Int, known: Int)

    /// A statement given to ``Recording/query(_:)`` would write, or is not a single query.
    case notAQuery(reason: String)
    /// SQLite's own words about a statement that it does not accept.
    case invalidQuery(reason: String)
    /// A query with a limit of time was not done by then.
    case queryTooLong(seconds: Double)
}

extension RecordingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .outputExists(let path):
            "\(path) exists already: recordings are never overwritten; give another --output, or move it away."
        case .cannotCreate(let path, let reason):
            "cannot create \(path): \(reason); give an --output in a directory that you can write to."
        case .diskFull(let path, let lastTick):
            "the file system that holds \(path) is full: recording stopped. "
                + Self.kept(lastTick) + " Free some space, or give an --output on another file system."
        case .writeFailed(let path, let reason, let lastTick):
            "cannot write to \(path) (\(reason)): recording stopped. " + Self.kept(lastTick)
                + " Check the file system, or give an --output on another one."
        case .moved(let path, let lastTick, true):
            "\(path) was removed or renamed: recording stopped. \(Self.kept(lastTick)) It was put there again."
        case .moved(let path, _, false):
            "\(path) was removed, renamed or replaced: recording stopped. What was recorded could not be put there "
                + "again, because its directory is gone, its file system is full or another file is in its place."
        case .closed(let path):
            "the recording \(path) is closed: nothing can be added to it."
        case .notFound(let path):
            "there is no file \(path); give the path of a recording made by `stallscope record`."
        case .notReadable(let path, let reason):
            "cannot read \(path): \(reason). A recording belongs to whoever made it: read it as that user, or with sudo."
        case .notARecording(let path):
            "\(path) is not a Stallscope recording; give a file made by `stallscope record`."
        case .damaged(let path, let reason):
            "\(path) is damaged (\(reason)): it cannot be read as a whole. Use another copy, or save what is "
                + "left with `sqlite3 \(path) .recover`."
        case .newerFormat(let path, let found, let known):
            "\(path) has recording format \(found), and this Stallscope knows formats up to \(known): use "
                + "a newer Stallscope to read it."
        case .notAQuery(let reason):
            "\(reason); give one SELECT statement: a recording is only read, never changed."
        case .invalidQuery(let reason):
            "SQLite does not accept the query: \(reason). docs/recording.md describes the views; "
                + "\"SELECT name FROM sqlite_schema WHERE type = 'view'\" lists them."
        case .queryTooLong(let seconds):
            "the query took longer than \(seconds) s: ask about less time or fewer threads (WHERE tick BETWEEN ...)."
        }
    }

    private static func kept(_ lastTick: Int64?) -> String {
        guard let lastTick else { return "Nothing was stored yet." }
        return "Everything up to tick \(lastTick) is stored and can be read."
    }
}
