import GRDB
import GRDBSQLite
import Glibc
import Model
import Synchronization

/// Writes a recording, one transaction a tick.
///
/// Every tick that ``append(_:)`` returned from survives a `kill -9` of the writer, and can be read by others
/// while the recording goes on.  After an error the writer is closed: nothing more can be appended, and
/// ``finish()`` only closes the file.
public final class RecordingWriter: Sendable {
    /// The file, as an absolute path.
    public let path: String
    private let queue: DatabaseQueue
    private let state: Mutex<State>

    private struct State: Sendable {
        var wakers = WakerRows()
        var idle = IdleRows()
        var occupants = OccupantRows()
        var intervals = IntervalRows()
        var block = BlockRows()
        var pmu = PMURows()
        var retained: Retained?
        var lastTick: Int64?
        var isOpen = true
    }

    private init(path: String, queue: DatabaseQueue, retained: Retained?) {
        self.path = path
        self.queue = queue
        var state = State()
        state.retained = retained
        self.state = Mutex(state)
    }

    /// Creates the file (mode 0600, owned by the user who called sudo) and stores the header.
    ///
    /// - Parameters:
    ///   - path: where nothing is yet.
    ///   - header: what is known of the recording as a whole.
    ///   - retention: what is kept; nil: everything.
    /// - Throws: ``RecordingError/outputExists(path:)``, ``RecordingError/cannotCreate(path:reason:)``,
    ///   ``RecordingError/diskFull(path:lastTick:)``, ``RecordingError/writeFailed(path:reason:lastTick:)``.
    public static func create(
        at path: String, header: RecordingHeader, retention: Retention? = nil
    ) throws(RecordingError) -> RecordingWriter {
        let path = FilePaths.absolute(path)
        var attempt = 1
        while true {
            do { return try make(path, header, retention) } catch .writeFailed where attempt < 5 {
                // A reader who is root may make the -wal or -shm first, and gives it to the file's owner a moment later.
                attempt += 1
                usleep(20_000)
            }
        }
    }

    private static func make(
        _ path: String, _ header: RecordingHeader, _ retention: Retention?
    ) throws(RecordingError) -> RecordingWriter {
        try OutputFile.create(at: path)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration())
            try Schema.migrator.migrate(queue)
            try queue.write { try Header.store(header, $0) }
            // From here on the file itself, without its -wal, says what it is.
            try queue.inDatabase { _ = try $0.checkpoint(.truncate) }
            let retained = try retention.map { kept in try queue.write { db in try Retained(kept, db) } }
            return RecordingWriter(path: path, queue: queue, retained: retained)
        } catch {
            let code = errno
            remove(path)
            throw WriteFailure.explain(error, path: path, lastTick: nil, systemError: code)
        }
    }

    /// Adds a tick in one transaction: it is stored wholly or not at all.
    ///
    /// Versions of processes and threads must be in this batch or an earlier one when a sample, wait or idle
    /// run names them.  Waits that have all of tick, thread, subject, waker and `timedOut` in common are added.
    /// - Throws: ``RecordingError/diskFull(path:lastTick:)``,
    ///   ``RecordingError/writeFailed(path:reason:lastTick:)``, ``RecordingError/closed(path:)``,
    ///   ``RecordingError/moved(path:lastTick:isSaved:)``.
    public func append(_ batch: TickBatch) throws(RecordingError) {
        let failure: RecordingError? = state.withLock { state in
            guard state.isOpen else { return .closed(path: path) }
            if let failure = queue.inDatabase({ db in Self.failureIfMoved(db, path, state.lastTick) }) {
                state.isOpen = false
                return failure
            }
            do {
                try queue.inDatabase { db in try Self.store(batch, &state, db) }
                state.lastTick = batch.tick.number
                return nil
            } catch {
                // What is cached of a transaction that was rolled back is wrong: nothing is added after it.
                state.isOpen = false
                let code = queue.inDatabase { sqlite3_system_errno($0.sqliteConnection) }
                return WriteFailure.explain(error, path: path, lastTick: state.lastTick, systemError: code)
            }
        }
        if let failure { throw failure }
    }

    /// Closes the recording, leaving one file that opens from a read-only directory too.
    ///
    /// While another process reads the recording, its `-wal` and `-shm` files stay beside it; they belong
    /// to it then.  Calling this again does nothing.
    /// - Throws: ``RecordingError/diskFull(path:lastTick:)``,
    ///   ``RecordingError/writeFailed(path:reason:lastTick:)``; all ticks are stored nevertheless;
    ///   ``RecordingError/moved(path:lastTick:isSaved:)``.
    public func finish() throws(RecordingError) {
        let failure: RecordingError? = state.withLock { state in
            let wasOpen = state.isOpen
            state.isOpen = false
            let lastTick = state.lastTick
            do {
                if wasOpen {
                    if let failure = queue.inDatabase({ db in Self.failureIfMoved(db, path, lastTick) }) {
                        try queue.close()
                        return failure
                    }
                    try queue.write { try Header.storeFinished($0) }
                    try queue.inDatabase { db in try Self.foldJournal(db) }
                }
                try queue.close()
                return nil
            } catch {
                let code = errno
                return WriteFailure.explain(error, path: path, lastTick: state.lastTick, systemError: code)
            }
        }
        if let failure { throw failure }
    }

    /// Closes the recording and removes its file.
    /// - Throws: as ``finish()``, if it could not be closed; it is removed nevertheless.
    public func discard() throws(RecordingError) {
        defer { Self.remove(path) }
        // Nothing more is worth storing.
        state.withLock { $0.isOpen = false }
        try finish()
    }

    private static func remove(_ path: String) {
        for name in [path, path + "-wal", path + "-shm", path + "-journal"] { unlink(name) }
    }

    private static func store(_ batch: TickBatch, _ state: inout State, _ db: Database) throws {
        try db.inTransaction(.immediate) {
            try TaskRows(db).store(batch)
            try ResourceRows(db).store(batch)
            try SampleRows(db).store(batch)
            try state.occupants.store(batch, db)
            try state.intervals.store(batch, wakers: &state.wakers, occupants: &state.occupants, db)
            try state.block.store(batch, db)
            try PressureRows.store(batch, db)
            try state.pmu.store(batch, db)
            try SyscallRows.store(batch, db)
            try AsyncRows.store(batch, db)
            try TaskstatsRows.store(batch, db)
            try PageCacheRows.store(batch, db)
            try HostRows.store(batch, db)
            // A run can end in the tick in which it is told who ended it.
            try state.idle.store(batch, wakers: &state.wakers, db)
            try WaitRows(db).store(batch, wakers: &state.wakers)
            try StackRows(db).store(batch, wakers: &state.wakers)
            try state.retained?.release(before: batch.tick, db)
            return .commit
        }
    }

    private static func failureIfMoved(_ db: Database, _ path: String, _ lastTick: Int64?) -> RecordingError?
    {
        guard MovedFile.isMoved(db) else { return nil }
        return .moved(path: path, lastTick: lastTick, isSaved: MovedFile.save(db, to: path))
    }

    /// A rollback-journal file needs no files beside it, and so no write access to its directory.
    private static func foldJournal(_ db: Database) throws {
        do {
            _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Somebody reads it: it stays in WAL mode, which is as good while the -wal file is beside it.
            return
        }
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.journalMode = .wal
        configuration.foreignKeysEnabled = false
        // Only a reader that opens at the same moment can be in the way, and only briefly.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { db in
            // Debian's SQLite overwrites deleted bytes with zeros, which costs and keeps no secret here.
            try db.execute(sql: "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF")
        }
        return configuration
    }
}
