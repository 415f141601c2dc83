import Foundation
import Glibc

/// A directory for an export of several files, which gets its name only when all of them are there.
final class ExportFolder {
    let path: String
    /// Where the files go meanwhile.
    let temporary: String
    /// Whether the directory under its temporary name is there; also what is thrown from `init` ends in `deinit`.
    private var isOpen = false

    /// - Parameter mayExist: only the place for the files is needed, and whoever asks moves them by himself.
    /// - Throws: ``ExportError/outputExists(path:)``, ``ExportError/cannotCreate(path:reason:)``.
    init(at path: String, mayExist: Bool = false) throws(ExportError) {
        self.path = path
        temporary = ExportFile.temporaryName(for: path)
        var status = stat()
        guard mayExist || lstat(path, &status) != 0 else { throw .outputExists(path: path) }
        guard mkdir(temporary, 0o700) == 0 else { throw ExportFile.creationError(path, errno) }
        isOpen = true
    }

    deinit { discard() }

    func finish() throws(ExportError) {
        // It takes the place of nothing, or of an empty directory.
        guard rename(temporary, path) == 0 else {
            if errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR { throw .outputExists(path: path) }
            throw .writeFailed(path: path, reason: ExportFile.text(of: errno))
        }
        isOpen = false
    }

    /// Removes everything, unless it is finished.
    func discard() {
        guard isOpen else { return }
        isOpen = false
        do { try FileManager.default.removeItem(atPath: temporary) } catch {
            // Nothing else can be done about it here, and the failure that led here is the one to tell.
            FileHandle.standardError.write(
                Data("\(temporary) could not be removed: \(error.localizedDescription)\n".utf8))
        }
    }
}
