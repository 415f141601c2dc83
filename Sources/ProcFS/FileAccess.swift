import Glibc

/// Small pseudo files, read with three system calls each: a collector reads thousands of them.
enum FileAccess {
    enum Outcome: Equatable {
        case read([UInt8])
        /// It is not there, or what it described has gone while it was being read.
        case absent
        /// It is there, and this user may not read it; `errno` says why.
        case refused(errno: Int32)

        /// The content, if there is any to have.
        var bytes: [UInt8]? {
            if case .read(let bytes) = self { return bytes }
            return nil
        }
    }

    /// - Parameters:
    ///   - limit: bytes after which the rest of the file is left alone (rounded up to 4096).
    ///   - isEnough: is asked after each piece (4096 bytes or less) whether the rest can be left alone.
    static func read(
        _ path: String, limit: Int = .max, until isEnough: (ArraySlice<UInt8>) -> Bool = { _ in false }
    ) -> Outcome {
        let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return failure() }
        defer { close(descriptor) }
        // Most files in /proc fit into the first piece.
        let pieceSize = 4096
        var content: [UInt8] = []
        while true {
            let offset = content.count
            var count = 0
            let piece = [UInt8](unsafeUninitializedCapacity: pieceSize) { buffer, filled in
                count = retrying { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
                filled = max(0, count)
            }
            guard count >= 0 else { return failure() }
            content = offset == 0 ? piece : content + piece
            if count == 0 || content.count >= limit || isEnough(content[offset...]) { return .read(content) }
        }
    }

    /// The text of a file without the line end, nil if it cannot be read.
    static func line(_ path: String) -> String? {
        guard var bytes = read(path).bytes else { return nil }
        while let last = bytes.last, last == UInt8(ascii: "\n") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func linkTarget(_ path: String) -> Outcome {
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = target.withUnsafeMutableBytes { buffer in
            // readlink writes at most `buffer.count` bytes and no terminating zero.
            guard let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
            return readlink(path, start, buffer.count)
        }
        guard count >= 0 else { return failure() }
        return .read(Array(target.prefix(count)))
    }

    /// Names in a directory without "." and "..", nil if it cannot be read.
    static func names(in directory: String) -> [String]? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        // The entry that readdir returns stays valid until the next call on the same stream.
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { buffer in
                String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    static func status(of path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    /// The same for what a symbolic link leads to, also the links in `/proc` that lead to no path.
    static func statusBehind(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    static func isDirectory(_ path: String) -> Bool {
        status(of: path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    }

    private static func failure() -> Outcome {
        switch errno {
        // ESRCH is what an open file of /proc/PID gives once the process is gone.
        case ENOENT, ESRCH, ENOTDIR: .absent
        case let code: .refused(errno: code)
        }
    }

    static func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
        while true {
            let result = call()
            if result != -1 || errno != EINTR { return result }
        }
    }
}
