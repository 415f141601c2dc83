/// The unix sockets of a network namespace, from `/proc/PID/net/unix`.
public struct UnixSockets: Sendable {
    public enum Kind: Sendable, Equatable {
        case stream, datagram, seqpacket
        case other(UInt64)

        /// The `SOCK_` constants, the same on all architectures but MIPS.
        init(type: UInt64) {
            switch type {
            case 1: self = .stream
            case 2: self = .datagram
            case 5: self = .seqpacket
            default: self = .other(type)
            }
        }
    }

    /// `socket_state` of include/uapi/linux/net.h.
    public enum State: UInt64, Sendable {
        case free = 0
        case unconnected, connecting, connected, disconnecting
    }

    public struct Socket: Sendable, Equatable {
        public var inode: UInt64
        public var kind: Kind
        public var state: State
        public var isListening: Bool
        /// As it was bound, possibly relative and in another mount namespace.  An abstract name begins with
        /// "@", and its zero bytes are "@" too.  Empty if it was never bound.
        public var path: String
    }

    /// By inode.
    public let sockets: [UInt64: Socket]

    /// Lines that are no such lines are left out.
    ///
    /// A path may hold line ends, which the kernel writes as they are, so a socket can make up lines below
    /// its own; of two lines for one inode the first counts.
    public init(parsing bytes: [UInt8]) {
        let sockets = bytes.lines.compactMap(Self.socket(fromLine:))
        self.sockets = Dictionary(sockets.map { ($0.inode, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func socket(fromLine line: ArraySlice<UInt8>) -> Socket? {
        // address: references protocol flags type state inode path
        let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 6)
        guard fields.count == 7, fields[0].last == UInt8(ascii: ":"), let flags = fields[3].hexadecimal,
            let type = fields[4].hexadecimal, let state = fields[5].hexadecimal.flatMap(State.init)
        else { return nil }
        let rest = fields[6].drop { $0 == UInt8(ascii: " ") }
        let digits = rest.prefix { $0 != UInt8(ascii: " ") }
        guard let inode = digits.decimal else { return nil }
        return Socket(
            inode: inode, kind: Kind(type: type), state: state,
            isListening: flags & Self.acceptsConnections != 0,
            path: String(decoding: rest.dropFirst(digits.count + 1), as: UTF8.self))
    }

    /// `__SO_ACCEPTCON` of include/uapi/linux/net.h.
    private static let acceptsConnections: UInt64 = 0x1_0000
}

extension ProcTree {
    /// The unix sockets in the network namespace of a process; nil if the process is gone or may not be
    /// looked at.
    public func unixSockets(of pid: UInt32) -> UnixSockets? {
        FileAccess.read("\(root)/\(pid)/net/unix").bytes.map(UnixSockets.init(parsing:))
    }
}
