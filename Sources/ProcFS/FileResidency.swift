import CPageCache
import Glibc

/// How much of a file is in the page cache, as `cachestat(2)` tells (Linux 6.5 and newer).
public struct FileResidency: Sendable, Equatable {
    /// Bytes.
    public var size: UInt64
    /// Pages.
    public var cached: UInt64
    public var dirty: UInt64
    public var underWriteBack: UInt64

    /// Whether the kernel has the call; false also where a container's filter refuses it.
    public static var isAvailable: Bool {
        var state = page_cache_state()
        // A kernel that has it says that this is no descriptor.
        return page_cache_state_of(-1, &state) == EBADF
    }

    /// Asks about the file at `path`, if it is a regular one and the very file that is meant.
    ///
    /// - Parameters:
    ///   - device: that it lies on.
    ///   - inode: its number.
    /// - Returns: nil if there is another file or none, or this user may not ask.
    public static func read(_ path: String, device: DeviceNumber, inode: UInt64) -> FileResidency? {
        // Not open for anything yet, so a FIFO or device that lies there now does not notice.
        let place = open(path, Self.placeOnly | O_NOFOLLOW | O_CLOEXEC)
        guard place >= 0 else { return nil }
        defer { close(place) }
        var status = stat()
        guard fstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_ino == inode,
            DeviceNumber(status: UInt64(status.st_dev)) == device
        else { return nil }
        let descriptor = reopen(place)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var state = page_cache_state()
        guard page_cache_state_of(descriptor, &state) == 0 else { return nil }
        return FileResidency(
            size: UInt64(clamping: status.st_size), cached: state.cached, dirty: state.dirty,
            underWriteBack: state.under_write_back)
    }

    /// For reading, and without changing when it was last read where the owner, or root, asks.
    private static func reopen(_ place: Int32) -> Int32 {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let path = "/proc/self/fd/\(place)"
        let descriptor = open(path, flags | Self.withoutAccessTime)
        return descriptor >= 0 || errno != EPERM ? descriptor : open(path, flags)
    }

    /// `O_PATH` and `O_NOATIME`, which the C library shows only with its extensions; uapi/asm-generic/fcntl.h.
    private static let placeOnly: Int32 = 0o10000000
    private static let withoutAccessTime: Int32 = 0o1000000
}
