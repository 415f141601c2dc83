import Glibc

/// Names of code that a process makes while it runs, as runtimes write them for `perf`: `/tmp/perf-PID.map`, a line of
/// start, size (both hexadecimal) and name for each function.
struct PerfMap: Sendable {
    struct Symbol: Sendable, Equatable {
        var name: String
        /// Bytes from its beginning.
        var offset: UInt64
    }

    private struct Entry: Sendable {
        var start, size: UInt64
        var name: String
    }

    /// By start; of several at one start the last that was written comes last, as memory is used again.
    private let entries: [Entry]

    var count: Int { entries.count }

    init(parsing bytes: [UInt8]) {
        let space = UInt8(ascii: " ")
        entries = bytes.lines.compactMap { line -> Entry? in
            let fields = line.split(separator: space, maxSplits: 2)
            guard fields.count == 3, let start = Self.number(fields[0]), let size = Self.number(fields[1])
            else { return nil }
            return Entry(start: start, size: size, name: String(decoding: fields[2], as: UTF8.self))
        }.enumerated().sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }.map(\.element)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        (digits.starts(with: "0x".utf8) ? digits.dropFirst(2) : digits).hexadecimal
    }

    func symbol(containing address: UInt64) -> Symbol? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].start <= address { low = middle + 1 } else { high = middle }
        }
        // Those that were freed are still in the list, and may overlap.
        for entry in entries[..<low].suffix(16).reversed() where address - entry.start < entry.size {
            return Symbol(name: entry.name, offset: address - entry.start)
        }
        return nil
    }
}

/// The perf map of one process, read again when it has grown.
struct PerfMapFile {
    private let path: String
    /// Who may have written it: anyone may make a file in /tmp.
    private let owner: UInt32
    private var map: PerfMap?
    private var size: Int64 = -1

    private static let mostBytes: Int64 = 64 << 20

    /// - Returns: nil if the process is gone.
    init?(of pid: UInt32, proc: ProcTree) {
        guard let status = proc.status(pid), let inside = status.namespacePIDs.last else { return nil }
        path = "\(proc.root)/\(pid)/root/tmp/perf-\(inside).map"
        owner = status.uid
    }

    mutating func symbol(containing address: UInt64) -> PerfMap.Symbol? {
        if let found = map?.symbol(containing: address) { return found }
        guard readIfGrown() else { return nil }
        return map?.symbol(containing: address)
    }

    /// Neither follows a link, which would lead out of the process's root, nor waits for what is no regular file.
    private mutating func readIfGrown() -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == owner || status.st_uid == 0, status.st_size != size,
            status.st_size <= Self.mostBytes
        else { return false }
        size = Int64(status.st_size)
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            // At most `buffer.count` bytes; a file that has become shorter meanwhile gives fewer.
            while count < buffer.count {
                let more = pread(
                    descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count, off_t(count))
                guard more > 0 else { break }
                count += more
            }
        }
        map = PerfMap(parsing: bytes)
        return true
    }
}
