import Glibc
import SystemPackage

/// A socket of generic netlink.
final class Socket {
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 32768)
    private var sequence: UInt32 = 0

    /// - Parameter receiveBuffer: bytes that may wait in it; 0: as the host has set.
    init(receiveBuffer: Int32 = 0) throws(NetlinkError) {
        let step = "open a netlink socket"
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), Self.generic)
        guard descriptor >= 0 else { throw NetlinkError(step: step, errno: Errno(rawValue: errno)) }
        // The first request gives it an address.
        guard receiveBuffer > 0 else { return }
        var size = receiveBuffer
        let length = socklen_t(MemoryLayout<Int32>.size)
        // Beyond net.core.rmem_max only with CAP_NET_ADMIN, which whoever asks for exit records has.
        if setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, length) != 0 {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, length)
        }
    }

    deinit { close(descriptor) }

    /// NETLINK_GENERIC
    private static let generic: Int32 = 16

    /// Sends a request and gives its answer to `read`, which must not keep it.
    ///
    /// - Parameter make: the request with the sequence number that it is given.
    func ask<Answer>(
        _ step: String, _ make: (UInt32) -> [UInt8], read: (ReceivedMessage) -> Answer?
    ) throws(NetlinkError) -> Answer? {
        sequence &+= 1
        let request = make(sequence)
        guard send(descriptor, request, request.count, 0) == request.count else {
            throw NetlinkError(step: step, errno: Errno(rawValue: errno))
        }
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw NetlinkError(step: step, errno: Errno(rawValue: errno)) }
            var error: Int32?
            var answer: Answer?
            buffer.withUnsafeBytes { bytes in
                let whole = UnsafeRawBufferPointer(rebasing: bytes[..<count])
                for message in ReceivedMessage.all(in: whole) where message.sequence == sequence {
                    error = message.error ?? 0
                    if error == 0 { answer = read(message) }
                }
            }
            // Nothing in it is the answer to this request.
            guard let error else { continue }
            if error != 0 { throw NetlinkError(step: step, errno: Errno(rawValue: error)) }
            return answer
        }
    }

    /// Gives everything that has arrived to `receive`, which must not keep it, and does not wait for more.
    func drain(_ step: String, _ receive: (ReceivedMessage) -> Void) throws(NetlinkError) {
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count < 0 {
                switch errno {
                // After ENOBUFS, which says that something was lost, there is more to read.
                case EINTR, ENOBUFS: continue
                case EAGAIN: return
                default: throw NetlinkError(step: step, errno: Errno(rawValue: errno))
                }
            }
            buffer.withUnsafeBytes { bytes in
                ReceivedMessage.all(in: UnsafeRawBufferPointer(rebasing: bytes[..<count])).forEach(receive)
            }
        }
    }

    /// Messages that found no room, since the socket was opened; nil where the kernel does not tell (before 4.12).
    var dropped: UInt32? {
        // SO_MEMINFO and SK_MEMINFO_DROPS of asm-generic/socket.h and linux/sock_diag.h.
        let (memoryInfo, drops): (Int32, Int) = (55, 8)
        var values = [UInt32](repeating: 0, count: 9)
        var length = socklen_t(values.count * MemoryLayout<UInt32>.size)
        guard getsockopt(descriptor, SOL_SOCKET, memoryInfo, &values, &length) == 0 else { return nil }
        return values[drops]
    }
}
