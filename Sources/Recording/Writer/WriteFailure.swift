import GRDB
import Glibc

/// What an error while writing means to the user.
enum WriteFailure {
    /// - Parameter systemError: the `errno` behind the error, 0 if there is none.
    static func explain(
        _ error: any Error, path: String, lastTick: Int64?, systemError: Int32
    ) -> RecordingError {
        guard let error = error as? DatabaseError else {
            return .writeFailed(path: path, reason: "\(error)", lastTick: lastTick)
        }
        let isFull = error.resultCode == .SQLITE_FULL
        let isNoSpace = error.resultCode == .SQLITE_IOERR && [ENOSPC, EDQUOT].contains(systemError)
        if isFull || isNoSpace { return .diskFull(path: path, lastTick: lastTick) }
        var reason = error.message ?? error.resultCode.description
        if error.resultCode == .SQLITE_IOERR, systemError != 0 {
            reason += ", " + OutputFile.text(of: systemError)
        }
        return .writeFailed(path: path, reason: reason, lastTick: lastTick)
    }
}
