import GRDB
import GRDBSQLite
import Glibc

/// A recording whose file somebody removed, renamed or replaced while it was being written.
///
/// SQLite would go on writing to a file that nobody can open any more, and the files beside it, which hold its newest
/// ticks, are found by the old name only.  The connection still reads all of them.
enum MovedFile {
    /// Whether the file at the path is no longer the one that is written to.  One `stat`.
    static func isMoved(_ db: Database) -> Bool {
        var moved: Int32 = 0
        let status = sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return status == SQLITE_OK && moved != 0
    }

    /// Stores the whole recording at the path again, unless something else is there now.
    ///
    /// - Returns: whether it could be.
    static func save(_ db: Database, to path: String) -> Bool {
        do {
            try OutputFile.create(at: path)
        } catch { return false }
        // Those of the old file: SQLite would take them for the new one's.
        for name in [path + "-wal", path + "-shm"] { unlink(name) }
        do {
            try db.execute(sql: "VACUUM INTO ?", arguments: [path])
            return true
        } catch {
            unlink(path)
            return false
        }
    }
}
