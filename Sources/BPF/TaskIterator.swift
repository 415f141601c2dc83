import CLibbpf
import Glibc
import SystemPackage

/// A program that the kernel runs once for each task when its output is read.
public final class TaskIterator {
    private let link: Link
    private let name: String
    private var buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    init(_ link: Link, name: String) {
        self.link = link
        self.name = name
    }

    deinit { buffer.deallocate() }

    /// Walks all tasks and hands over what the program wrote, piece by piece.
    ///
    /// The pieces join without gaps, but a record may lie across two of them.
    public func run(_ receive: (UnsafeRawBufferPointer) -> Void) throws(BPFError) {
        let descriptor = bpf_iter_create(link.descriptor)
        guard descriptor >= 0 else {
            throw BPFError(step: "run the iterator \(name)", result: descriptor)
        }
        defer { close(descriptor) }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count > 0 {
                receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if count == 0 {
                return
            } else if Glibc.errno != EINTR && Glibc.errno != EAGAIN {
                throw BPFError(step: "read the iterator \(name)", errno: Errno(rawValue: Glibc.errno))
            }
        }
    }

    public func run() throws(BPFError) { try run { _ in } }
}
