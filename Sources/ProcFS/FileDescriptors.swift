import Glibc

/// What an open file descriptor leads to, as the link in `/proc/PID/fd` says.
public enum FileTarget: Sendable, Hashable {
    /// An unnamed pipe.
    case pipe(inode: UInt64)
    case socket(inode: UInt64)
    /// A file without a name, by its kind: "eventpoll", "eventfd", "timerfd", "io_uring", "inotify".
    case anonymous(kind: String)
    /// In the process's own mount namespace; ends in " (deleted)" if the name is gone.
    case path(String)

    public init(parsing link: String) {
        if let inode = Self.inode(in: link, after: "pipe:[") {
            self = .pipe(inode: inode)
        } else if let inode = Self.inode(in: link, after: "socket:[") {
            self = .socket(inode: inode)
        } else if link.hasPrefix("anon_inode:") {
            // "anon_inode:[eventpoll]", but "anon_inode:inotify".
            self = .anonymous(kind: link.dropFirst("anon_inode:".count).filter { $0 != "[" && $0 != "]" })
        } else {
            self = .path(link)
        }
    }

    private static func inode(in link: String, after prefix: String) -> UInt64? {
        guard link.hasPrefix(prefix), link.hasSuffix("]") else { return nil }
        return link.utf8.dropFirst(prefix.utf8.count).dropLast().decimal
    }
}

/// A process that has a pipe, a socket or a file open.
public struct FileHolder: Sendable, Hashable {
    public var pid: UInt32
    public var descriptor: UInt32
    /// Which end of a pipe it holds; both for sockets.
    public var canRead: Bool
    public var canWrite: Bool

    public init(pid: UInt32, descriptor: UInt32, canRead: Bool, canWrite: Bool) {
        self.pid = pid
        self.descriptor = descriptor
        self.canRead = canRead
        self.canWrite = canWrite
    }
}

extension ProcTree {
    /// What each open descriptor of a process leads to; empty if the process is gone or may not be looked
    /// at.
    public func fileDescriptors(of pid: UInt32) -> [UInt32: FileTarget] {
        let targets = descriptors(of: pid).compactMap { descriptor in
            target(of: descriptor, in: pid).map { (descriptor, $0) }
        }
        return Dictionary(targets, uniquingKeysWith: { $1 })
    }

    /// What one descriptor leads to; nil if it is not open.
    public func target(of descriptor: UInt32, in pid: UInt32) -> FileTarget? {
        FileAccess.linkTarget("\(root)/\(pid)/fd/\(descriptor)").bytes.map { link in
            FileTarget(parsing: String(decoding: link, as: UTF8.self))
        }
    }

    /// Who has an unnamed pipe or a socket open: one entry for each descriptor, by pid and descriptor.
    ///
    /// Reads a link for every descriptor of all the processes (about 1 us each).
    /// - Parameter inode: of the pipe or socket.  Their inodes come from two counters, so in principle one of
    ///   each can have the same number; `isSocket` tells them apart.
    public func holders(
        ofInode inode: UInt64, isSocket: Bool? = nil, among pids: [UInt32]
    ) -> [FileHolder] {
        holders(among: pids) { path in
            guard let link = FileAccess.linkTarget(path).bytes else { return false }
            switch FileTarget(parsing: String(decoding: link, as: UTF8.self)) {
            case .pipe(inode): return isSocket != true
            case .socket(inode): return isSocket != false
            default: return false
            }
        }
    }

    /// Who has a file with a name open, for instance a FIFO.
    ///
    /// Looks at the file of every descriptor of all the processes, of which some may be on file systems that
    /// answer slowly.
    /// - Parameter device: as `stat` shows it.
    public func holders(
        ofFile inode: UInt64, on device: DeviceNumber, among pids: [UInt32]
    ) -> [FileHolder] {
        holders(among: pids) { path in
            guard let status = FileAccess.statusBehind(path) else { return false }
            return UInt64(status.st_ino) == inode
                && DeviceNumber(status: UInt64(status.st_dev)) == device
        }
    }

    private func holders(among pids: [UInt32], where isMeant: (String) -> Bool) -> [FileHolder] {
        pids.flatMap { pid in
            descriptors(of: pid).compactMap { descriptor in
                let path = "\(root)/\(pid)/fd/\(descriptor)"
                // The permissions of the link tell how the file was opened.
                guard isMeant(path), let mode = FileAccess.status(of: path)?.st_mode else { return nil }
                return FileHolder(
                    pid: pid, descriptor: descriptor, canRead: mode & S_IRUSR != 0,
                    canWrite: mode & S_IWUSR != 0)
            }
        }
    }

    private func descriptors(of pid: UInt32) -> [UInt32] {
        (FileAccess.names(in: "\(root)/\(pid)/fd") ?? []).compactMap { $0.utf8.decimal32 }.sorted()
    }
}
