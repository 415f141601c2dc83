import Foundation
import Glibc
import Recording

/// The recordings of a site.  Each request for one names an entry of the list: no path of anybody's is ever opened.
struct Catalogue: Sendable {
    struct Entry: Sendable, Equatable {
        /// The file's, without its folder.
        var name: String
        var path: String
        var size: UInt64
        /// Of the file or of what is written beside it, seconds since the Unix epoch.
        var changed: Double
    }

    private let folder: String
    /// nil: every recording in the folder.
    private let only: String?

    /// So many of a folder are listed, the newest first.
    private static let limit = 1_000

    /// - Throws: ``SiteError/notFound(path:)``.
    init(_ path: String) throws(SiteError) {
        // What the folder is stays as it was when the site began.
        guard let resolved = realpath(path, nil) else { throw .notFound(path: path) }
        defer { free(resolved) }
        let real = String(cString: resolved)
        var status = stat()
        guard stat(real, &status) == 0 else { throw .notFound(path: path) }
        if status.st_mode & S_IFMT == S_IFDIR {
            (folder, only) = (real, nil)
        } else {
            let url = URL(fileURLWithPath: real)
            (folder, only) = (url.deletingLastPathComponent().path, url.lastPathComponent)
        }
    }

    /// The newest first.
    var entries: [Entry] {
        if let only { return entry(only).map { [$0] } ?? [] }
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var found: [Entry] = []
        while let item = readdir(directory) {
            let name = withUnsafePointer(to: &item.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if let entry = entry(name) { found.append(entry) }
        }
        return Array(found.sorted { ($1.changed, $0.name) < ($0.changed, $1.name) }.prefix(Self.limit))
    }

    /// nil if there is no such recording in the folder itself.
    func entry(named name: String) -> Entry? { only == nil || only == name ? entry(name) : nil }

    private func entry(_ name: String) -> Entry? {
        guard !name.isEmpty, !name.hasPrefix("."), !name.contains("/"), !name.contains("\0") else {
            return nil
        }
        let path = folder + "/" + name
        var status = stat()
        // A link might lead out of the folder.
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            name.hasSuffix(".stall") || Self.isRecording(path)
        else { return nil }
        var log = stat()
        let changed = max(
            Self.seconds(status.st_mtim), lstat(path + "-wal", &log) == 0 ? Self.seconds(log.st_mtim) : 0)
        return Entry(name: name, path: path, size: UInt64(clamping: status.st_size), changed: changed)
    }

    /// By the application's id in SQLite's header, big endian.
    private static func isRecording(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        var header = [UInt8](repeating: 0, count: 72)
        guard read(file, &header, header.count) == header.count else { return false }
        return header.starts(with: "SQLite format 3\0".utf8) && header[68...].elementsEqual("Stal".utf8)
    }

    private static func seconds(_ time: timespec) -> Double {
        Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
