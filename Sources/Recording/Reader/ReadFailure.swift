import GRDB

/// What an error while reading means to the user.
enum ReadFailure {
    static func explain(_ error: any Error, path: String) -> RecordingError {
        if let error = error as? RecordingError { return error }
        guard let error = error as? DatabaseError else {
            return .notReadable(path: path, reason: "\(error)")
        }
        let reason = error.message ?? error.resultCode.description
        switch error.resultCode {
        case .SQLITE_NOTADB: return .notARecording(path: path)
        case .SQLITE_CORRUPT: return .damaged(path: path, reason: reason)
        case .SQLITE_ERROR where error.sql != nil:
            // A table or view that ought to be there is not.
            return .damaged(path: path, reason: reason)
        default: return .notReadable(path: path, reason: reason)
        }
    }
}
