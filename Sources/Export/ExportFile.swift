import Glibc

/// Something to write an export to, in small pieces that go out in large ones.
///
/// A file gets its name only by ``finish()``: before that it has another beside it, which ``discard()`` removes.
/// So under its name there is the whole export or nothing.
public final class ExportFile {
    /// nil: standard output.
    public let path: String?
    /// Whether what is written is shown by a terminal, which obeys some characters.
    let isTerminal: Bool
    private let temporary: String?
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Whether the file under its temporary name is there; also what is thrown from `init` ends in `deinit`.
    private var isOpen = false

    /// - Parameter path: nil for standard output.
    /// - Throws: ``ExportError/outputExists(path:)``, ``ExportError/cannotCreate(path:reason:)``.
    public init(at path: String?) throws(ExportError) {
        self.path = path
        isTerminal = path == nil && isatty(STDOUT_FILENO) == 1
        guard let path else {
            (temporary, descriptor) = (nil, STDOUT_FILENO)
            return
        }
        var status = stat()
        guard lstat(path, &status) != 0 else { throw .outputExists(path: path) }
        let temporary = Self.temporaryName(for: path)
        // A recording tells what its programs are called and work on, so nobody else may read what is made of it.
        descriptor = open(temporary, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        self.temporary = temporary
        guard descriptor >= 0 else { throw Self.creationError(path, errno) }
        isOpen = true
    }

    /// Something that is open already, for standard output's place in tests.
    init(descriptor: Int32) {
        (path, temporary, self.descriptor, isTerminal) = (nil, nil, descriptor, false)
    }

    deinit { discard() }

    public func write(_ text: String) throws(ExportError) { try write(bytes: text.utf8) }

    public func write(bytes: some Sequence<UInt8>) throws(ExportError) {
        buffer.append(contentsOf: bytes)
        if buffer.count > 1 << 16 { try flush() }
    }

    /// Writes what is left, and gives the file its name.
    /// - Throws: ``ExportError/writeFailed(path:reason:)``; ``ExportError/outputExists(path:)`` if something else
    ///   has got the name meanwhile.
    public func finish() throws(ExportError) {
        try flush()
        guard let path, let temporary, isOpen else { return }
        guard fsync(descriptor) == 0, close(descriptor) == 0 else {
            throw .writeFailed(path: path, reason: Self.text(of: errno))
        }
        isOpen = false
        try Self.rename(temporary, to: path)
    }

    /// Removes the file, unless it is finished.
    public func discard() {
        guard let temporary, isOpen else { return }
        isOpen = false
        close(descriptor)
        unlink(temporary)
    }

    private func flush() throws(ExportError) {
        var start = 0
        while start < buffer.count {
            let count = buffer.withUnsafeBytes { bytes in
                Glibc.write(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                if path == nil, errno == EPIPE { throw .readerGone }
                throw .writeFailed(path: path ?? "standard output", reason: Self.text(of: errno))
            }
            start += count
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// A name beside `path`, so that it can be renamed, which this process alone uses.
    static func temporaryName(for path: String) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        return "\(trimmed).partial-\(getpid())"
    }

    /// Gives a finished file its name, unless something has that already.
    static func rename(_ old: String, to path: String) throws(ExportError) {
        // A second name is never given in place of something, as rename(2) would.
        guard link(old, path) != 0 else {
            unlink(old)
            return
        }
        let code = errno
        if code == EPERM || code == EOPNOTSUPP {
            // A file system without links.
            var status = stat()
            if lstat(path, &status) != 0, Glibc.rename(old, path) == 0 { return }
        }
        unlink(old)
        if code == EEXIST { throw .outputExists(path: path) }
        throw .writeFailed(path: path, reason: text(of: code))
    }

    static func creationError(_ path: String, _ code: Int32) -> ExportError {
        switch code {
        case ENOENT: .cannotCreate(path: path, reason: "its directory does not exist")
        case ENOTDIR: .cannotCreate(path: path, reason: "its directory is not a directory")
        default: .cannotCreate(path: path, reason: text(of: code))
        }
    }

    static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}
