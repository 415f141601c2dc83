import Glibc

/// A pseudo file that is read again and again, and kept open for that: opening takes longer than reading.
public final class HeldFile {
    private let descriptor: Int32
    private static let size = 16384

    /// nil if it cannot be read.
    public init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// All of it, up to 16 KiB; nil once what it describes is gone.
    public func read() -> [UInt8]? {
        let content = [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
            // `buffer` has `size` bytes, of which the kernel fills the first.
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return content.isEmpty ? nil : content
    }
}
