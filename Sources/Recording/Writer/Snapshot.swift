import GRDB
import Glibc

extension Recording {
    /// Copies what is stored until now into a new file, also while the recording goes on.
    ///
    /// - Parameters:
    ///   - path: the new file, made as ``RecordingWriter/create(at:header:retention:)`` makes one.
    ///   - length: only the ticks of so many nanoseconds before the newest tick's end; nil: all.
    ///   - redacting: whether arguments of programs and paths of people's files are hidden in it: docs/security.md.
    /// - Returns: the ends of the first and the last tick in it, nanoseconds since the Unix epoch; nil if there is none.
    /// - Throws: ``RecordingError/outputExists(path:)``, ``RecordingError/cannotCreate(path:reason:)``,
    ///   ``RecordingError/diskFull(path:lastTick:)``, ``RecordingError/writeFailed(path:reason:lastTick:)``.  Then there is
    ///   no new file.
    @discardableResult
    public func snapshot(
        to path: String, last length: UInt64? = nil, redacting: Bool = false
    ) throws(RecordingError) -> ClosedRange<UInt64>? {
        let path = FilePaths.absolute(path)
        try OutputFile.create(at: path)
        do {
            // SQLite fills an empty file: its mode and owner stay.
            try outsideTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
            let copy = try DatabaseQueue(path: path)
            if let length { try copy.keepOnly(last: length) }
            if redacting { try copy.redact() }
            let ends = try copy.read { db in
                try Row.fetchOne(db, sql: "SELECT min(time_ns) AS first, max(time_ns) AS last FROM ticks")
            }
            try copy.close()
            guard let first: Int64 = ends?["first"], let last: Int64 = ends?["last"] else { return nil }
            return UInt64(clamping: first)...UInt64(clamping: max(first, last))
        } catch {
            let code = errno
            for name in [path, path + "-journal"] { unlink(name) }
            throw WriteFailure.explain(error, path: path, lastTick: nil, systemError: code)
        }
    }
}

extension DatabaseQueue {
    fileprivate func keepOnly(last length: UInt64) throws {
        let newest = try write { db in
            try Row.fetchOne(
                db, sql: "SELECT tick, time_ns, duration_ns FROM ticks ORDER BY tick DESC LIMIT 1")
        }
        guard let newest else { return }
        let (end, duration): (Int64, Int64) = (newest["time_ns"], newest["duration_ns"])
        // Ticks are not exactly as long as asked for: the border is where the nearest one ends.
        let border = max(0, end - Int64(clamping: length)) + duration / 2
        try write { db in
            let cut = try Int64.fetchOne(
                db, sql: "SELECT max(tick) FROM ticks WHERE time_ns <= ?", arguments: [border])
            guard let cut, cut < newest["tick"] else { return }
            try Retained(Retention(), db).release(through: cut, db)
        }
        try vacuum()
    }
}
