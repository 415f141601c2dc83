/// What a thread can wait for.  Raw values are part of the recording's format.
public enum ResourceKind: UInt8, Sendable, CaseIterable {
    case none = 0, futex, sharedFutex, pipe, unix, inet, socket, file, deviceFile, anonymous, epoll, set
    case ioUring, aio, timer, child, signal, kernelLock, memory, path

    /// The name that people see and query for.
    public var name: String {
        switch self {
        case .sharedFutex: "shared_futex"
        case .deviceFile: "device_file"
        case .ioUring: "io_uring"
        case .kernelLock: "kernel_lock"
        default: String(describing: self)
        }
    }
}

/// Something that threads wait for, with an identity that is the same in every process that has it.
public struct Resource: Sendable, Equatable {
    /// Which side of a connection a socket is.
    public enum Direction: String, Sendable { case inbound, outbound, listening }

    /// Unique in a recording.
    public var id: Int64
    public var kind: ResourceKind
    /// What tells it from all others of its kind, for people: an address, an inode, a number.
    public var identity: String
    /// As it is shown: `tcp 10.0.0.2:48212 -> 10.0.0.7:5432`, `/var/lib/mysql/ibdata1`.
    public var name: String
    /// When it was first met, ns since the Unix epoch.
    public var since: UInt64
    /// The process that met it first, and so the owner if it is private to one.
    public var pid: UInt32
    /// Of the file, or of the file system that it lies on: `254:1`.
    public var device = ""
    public var inode: UInt64 = 0
    /// As the host sees it.
    public var path = ""
    /// `tcp`, `udp`, `stream`, `datagram`, `seqpacket`; empty if it is no socket.
    public var socketType = ""
    /// `10.0.0.2:48212`, `[::1]:80`, `unix:/run/app.sock`; empty if it has none.
    public var localAddress = ""
    public var remoteAddress = ""
    /// Inode of the network namespace.
    public var netNamespace: UInt32 = 0
    public var direction: Direction?
    /// The process at the other end as the kernel tells; 0 if it does not.
    public var peerPID: UInt32 = 0
    public var peerInode: UInt64 = 0
    /// Ids of the resources that a set consists of; of a long one the first.
    public var members: [Int64] = []

    public init(id: Int64, kind: ResourceKind, identity: String, name: String, since: UInt64, pid: UInt32) {
        self.id = id
        self.kind = kind
        self.identity = identity
        self.name = name
        self.since = since
        self.pid = pid
    }
}
