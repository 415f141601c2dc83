import Model
import ProbeRecords

/// A resource as the kernel side met it for the first time; names for people are made of it elsewhere.
public struct ResourceRecord: Sendable {
    public var id: Int64
    public var kind: ResourceKind
    /// The parts of its identity; what they are depends on `kind` (`enum stall_resource_kind`).
    public var key: (a: UInt64, b: UInt64, c: UInt32)
    /// `CLOCK_BOOTTIME`, ns.
    public var at: UInt64
    public var pid: UInt32
    public var tid: UInt32
    /// As the kernel numbers it: major in the bits from 20 up, minor below.
    public var device: UInt32
    public var inode: UInt64
    /// `st_mode` of its inode.
    public var mode: UInt16
    public var socket: Socket?
    public var members: [Int64]
    /// Of a file: the names from its file system's root down to it.
    public var path: [String]
    /// The file has lost its last name.
    public var isUnlinked: Bool
    /// Of a unix socket: `sun_path`, which in the abstract namespace begins with a zero byte.
    public var address: [UInt8]
    /// Of a name given to a system call.
    public var text: String

    public struct Socket: Sendable {
        /// `AF_UNIX`, `AF_INET`, ...
        public var family: UInt16
        /// `SOCK_STREAM`, ...
        public var type: UInt16
        /// `IPPROTO_TCP`, ...
        public var `protocol`: UInt16
        /// `TCP_LISTEN`, ...
        public var state: UInt8
        public var localPort: UInt16
        public var remotePort: UInt16
        /// 16 bytes, of which IPv4 uses the first four.
        public var localAddress: [UInt8]
        public var remoteAddress: [UInt8]
        public var netNamespace: UInt32
        public var peerPID: UInt32
        public var peerInode: UInt64
        /// Whether a TCP connection was accepted here, rather than asked for; nil if that is not known.
        public var isAccepted: Bool?
    }

    init(_ record: stall_resource) {
        id = Int64(record.id)
        kind = ResourceKind(rawValue: UInt8(truncatingIfNeeded: record.key.kind)) ?? .none
        key = (record.key.a, record.key.b, record.key.c)
        (at, pid, tid) = (record.at, record.pid, record.tid)
        (device, inode, mode) = (record.device, record.inode, record.mode)
        isUnlinked = record.unlinked != 0
        members = withUnsafeBytes(of: record.members) { bytes in
            bytes.bindMemory(to: UInt32.self).prefix(Int(record.member_count)).map { Int64($0) }
        }
        let name = withUnsafeBytes(of: record.name) { bytes in
            Array(bytes.prefix(Int(record.name_length)))
        }
        (path, address, text) = ([], [], "")
        switch kind {
        case .unix: address = name
        case .path: text = String(decoding: name, as: UTF8.self)
        default: path = Self.path(name)
        }
        if record.family != 0 {
            socket = Socket(
                family: record.family, type: record.socket_type, protocol: record.protocol,
                state: record.socket_state, localPort: record.local_port, remotePort: record.remote_port,
                localAddress: withUnsafeBytes(of: record.local_address) { Array($0) },
                remoteAddress: withUnsafeBytes(of: record.remote_address) { Array($0) },
                netNamespace: record.net_namespace, peerPID: record.peer_pid, peerInode: record.peer_inode,
                isAccepted: record.origin == STALL_ORIGIN_UNKNOWN.rawValue
                    ? nil : record.origin == STALL_ORIGIN_ACCEPTED.rawValue)
        }
    }

    /// Names come from the file up to the root, each with its NUL; the root's own is "/".
    private static func path(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }.reversed().filter { $0 != "/" }
    }
}
