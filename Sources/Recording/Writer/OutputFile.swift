import Glibc

/// The file of a new recording, made before SQLite sees it: from its first byte on it has the right mode and
/// owner, which SQLite then gives to the files beside it (`-wal`, `-shm`) too.
enum OutputFile {
    /// Creates an empty file that only its owner can read and write.
    ///
    /// Under sudo it belongs to the user who called sudo, so that he can read his own recording.
    /// - Throws: ``RecordingError/outputExists(path:)``, ``RecordingError/cannotCreate(path:reason:)``,
    ///   ``RecordingError/diskFull(path:lastTick:)``.
    static func create(at path: String) throws(RecordingError) {
        // O_EXCL: neither an existing file nor a link to one is followed, which matters as we are often root.
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw error(of: errno, path) }
        defer { close(descriptor) }
        if geteuid() == 0, let owner = invokingUser() {
            guard fchown(descriptor, owner.uid, owner.gid) == 0 else {
                let reason = "it cannot be given to the user who called sudo (\(text(of: errno)))"
                unlink(path)
                throw .cannotCreate(path: path, reason: reason)
            }
        }
    }

    /// Who called sudo; nil when sudo was not used.
    private static func invokingUser() -> (uid: uid_t, gid: gid_t)? {
        guard let uid = number("SUDO_UID"), let gid = number("SUDO_GID") else { return nil }
        return (uid, gid)
    }

    private static func number(_ variable: String) -> UInt32? {
        getenv(variable).flatMap { UInt32(String(cString: $0)) }
    }

    private static func error(of code: Int32, _ path: String) -> RecordingError {
        switch code {
        case EEXIST: .outputExists(path: path)
        case ENOSPC, EDQUOT: .diskFull(path: path, lastTick: nil)
        case ENOENT: .cannotCreate(path: path, reason: "its directory does not exist")
        case ENOTDIR: .cannotCreate(path: path, reason: "its directory is not a directory")
        default: .cannotCreate(path: path, reason: text(of: code))
        }
    }

    static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}
