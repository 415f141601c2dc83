import Glibc
import Model
import Probes
import ProcFS

/// Makes a recording's ``Resource`` of what the kernel side tells of it.
struct ResourceNames {
    let source: any ResourceFactsSource

    /// - Parameters:
    ///   - since: when it was met, ns since the Unix epoch.
    ///   - members: names of the members of a set.
    func resource(_ record: ResourceRecord, since: UInt64, members: [String]) -> Resource {
        var resource = Resource(
            id: record.id, kind: record.kind, identity: identity(record), name: "", since: since,
            pid: record.pid)
        resource.inode = record.inode
        resource.members = record.members
        if record.device != 0 { resource.device = "\(DeviceNumber(kernel: record.device))" }
        switch record.kind {
        case .unix: describeUnix(record, &resource)
        case .inet: describeInet(record, &resource)
        case .file, .deviceFile, .pipe: describeFile(record, &resource)
        case .sharedFutex: describeSharedFutex(record, &resource)
        case .set: resource.name = Self.setName(members)
        default: resource.name = name(record)
        }
        return resource
    }

    private func identity(_ record: ResourceRecord) -> String {
        let (a, b, c) = record.key
        return switch record.kind {
        case .futex: "\(c):0x" + String(a, radix: 16)
        case .sharedFutex: "\(DeviceNumber(kernel: c)):\(a)+0x" + String(b, radix: 16)
        case .pipe, .file, .deviceFile: "\(DeviceNumber(kernel: c)):\(a)"
        case .unix, .inet, .socket: "socket:\(a)"
        case .timer: "\(a)"
        case .child: "\(c):\(Int32(truncatingIfNeeded: a))"
        case .signal: "\(c)"
        case .memory: "memory"
        default: c == 0 ? "0x" + String(a, radix: 16) : "\(c):0x" + String(a, radix: 16)
        }
    }

    /// Kinds that a word and a number describe.
    private func name(_ record: ResourceRecord) -> String {
        let a = record.key.a
        switch record.kind {
        case .futex:
            return "futex " + place(of: a, in: record.pid)
        case .socket: return "socket of family \(record.socket?.family ?? 0)"
        case .anonymous: return record.path.last.map(Self.withoutBrackets) ?? "anonymous inode"
        case .epoll: return "epoll"
        case .ioUring: return "io_uring"
        case .aio: return "aio context 0x" + String(a, radix: 16)
        case .timer: return a == 0 ? "sleep until a time" : "sleep of " + Self.length(a)
        case .child:
            let pid = Int32(truncatingIfNeeded: a)
            return pid > 0 ? "child \(pid)" : "any child"
        case .signal: return "signal"
        case .kernelLock: return "kernel lock " + (source.kernelSymbol(at: a) ?? "0x" + String(a, radix: 16))
        case .memory: return Self.memory(record.key.a)
        case .path: return record.text
        default: return record.kind.name
        }
    }

    /// By the kind of the wait, counted from `reclaim`.
    private static func memory(_ number: UInt64) -> String {
        switch WaitKind(rawValue: UInt8(truncatingIfNeeded: number) &+ WaitKind.reclaim.rawValue) {
        case .groupReclaim: "memory within a cgroup's limit"
        case .compaction: "free memory in one piece"
        default: "free memory"
        }
    }

    /// The variable or mapping that an address lies in; of memory without a name, the address as well.
    private func place(of address: UInt64, in pid: UInt32) -> String {
        let number = "0x" + String(address, radix: 16)
        return switch source.name(ofAddress: address, in: pid) {
        case nil: number
        case "anonymous", "unmapped": number
        case .some(let name): name
        }
    }

    private func describeFile(_ record: ResourceRecord, _ resource: inout Resource) {
        let inside = "/" + record.path.joined(separator: "/")
        if record.kind == .pipe, record.path.isEmpty || record.path == ["pipe:"] {
            // An unnamed pipe lies in a file system of its own, where it has no name.
            resource.name = "pipe:[\(record.inode)]"
            return
        }
        let device = DeviceNumber(kernel: record.kind == .deviceFile ? record.key.c : record.device)
        resource.path = source.hostPath(device: device, pathInFileSystem: inside) ?? inside
        resource.name = record.isUnlinked ? resource.path + " (deleted)" : resource.path
    }

    /// Memory without a name lies in a file of the kernel's own: `memfd:NAME`, or `dev/zero` for anonymous memory.
    private func describeSharedFutex(_ record: ResourceRecord, _ resource: inout Resource) {
        let offset = "+0x" + String(record.key.b, radix: 16)
        let inside = "/" + record.path.joined(separator: "/")
        if let path = source.hostPath(device: DeviceNumber(kernel: record.device), pathInFileSystem: inside) {
            resource.path = path
            resource.name = "futex \(path)\(offset)"
        } else {
            let isAnonymous = record.path == ["dev", "zero"] || record.path == ["dev/zero"]
            let place = isAnonymous ? "shared memory" : record.path.joined(separator: "/")
            resource.name = "futex \(place):[\(record.inode)]\(offset)"
        }
    }

    private func describeUnix(_ record: ResourceRecord, _ resource: inout Resource) {
        guard let socket = record.socket else { return }
        resource.socketType = Self.socketTypes[Int32(socket.type)] ?? "type \(socket.type)"
        resource.peerPID = socket.peerPID
        resource.peerInode = socket.peerInode
        if Int32(socket.state) == Self.listening {
            resource.direction = .listening
        } else if let isAccepted = socket.isAccepted {
            resource.direction = isAccepted ? .inbound : .outbound
        }
        let address = Self.unixAddress(record.address)
        resource.localAddress = address
        if !address.isEmpty {
            resource.name = "unix:" + address
            if address.hasPrefix("/") { resource.path = address }
        } else if socket.peerPID != 0, let comm = source.comm(of: socket.peerPID) {
            resource.name = "unix:[\(record.inode)] with \(comm)/\(socket.peerPID)"
        } else {
            resource.name = "unix:[\(record.inode)]"
        }
    }

    private func describeInet(_ record: ResourceRecord, _ resource: inout Resource) {
        guard let socket = record.socket else { return }
        let isTCP = Int32(socket.protocol) == IPPROTO_TCP
        resource.socketType = Self.protocols[Int32(socket.protocol)] ?? "protocol \(socket.protocol)"
        resource.netNamespace = socket.netNamespace
        let width = Int32(socket.family) == AF_INET ? 4 : 16
        guard let local = IPAddress(bytes: Array(socket.localAddress.prefix(width))),
            let remote = IPAddress(bytes: Array(socket.remoteAddress.prefix(width)))
        else { return }
        resource.localAddress = Self.endpoint(local, socket.localPort)
        if Int32(socket.state) == Self.listening {
            resource.direction = .listening
            resource.name = "\(resource.socketType) \(resource.localAddress) listening"
            return
        }
        guard socket.remotePort != 0 else {
            resource.name = "\(resource.socketType) \(resource.localAddress)"
            return
        }
        resource.remoteAddress = Self.endpoint(remote, socket.remotePort)
        let isServer =
            socket.isAccepted
            ?? source.isListening(
                isTCP ? .tcp : .udp, local, socket.localPort, namespace: socket.netNamespace, pid: record.pid)
        resource.direction = isServer ? .inbound : .outbound
        let arrow = isServer ? "<-" : "->"
        resource.name = "\(resource.socketType) \(resource.localAddress) \(arrow) \(resource.remoteAddress)"
    }
}

extension ResourceNames {
    /// include/net/tcp_states.h
    private static let listening: Int32 = 10
    /// <bits/socket_type.h>, <netinet/in.h>
    private static let socketTypes: [Int32: String] = [1: "stream", 2: "datagram", 5: "seqpacket"]
    private static let protocols: [Int32: String] = [
        6: "tcp", 17: "udp", 1: "icmp", 58: "icmp", 262: "mptcp",
    ]

    /// `10.0.0.2:80`, `[::1]:80`.
    static func endpoint(_ address: IPAddress, _ port: UInt16) -> String {
        address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }

    /// A path as it is, an abstract name behind `@`, as `ss` shows it.
    static func unixAddress(_ bytes: [UInt8]) -> String {
        guard bytes.first == 0 else { return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        return "@" + String(decoding: bytes.dropFirst(), as: UTF8.self)
    }

    static func setName(_ members: [String]) -> String {
        let shown = members.prefix(3).joined(separator: ", ")
        return members.count > 3 ? "\(shown) and \(members.count - 3) more" : shown
    }

    private static func withoutBrackets(_ name: String) -> String {
        name.hasPrefix("[") && name.hasSuffix("]") ? String(name.dropFirst().dropLast()) : name
    }

    private static func length(_ nanoseconds: UInt64) -> String {
        switch nanoseconds {
        case ..<1000: "\(nanoseconds) ns"
        case ..<1_000_000: "\(Double(nanoseconds) / 1e3) us"
        case ..<1_000_000_000: "\(Double(nanoseconds) / 1e6) ms"
        default: "\(Double(nanoseconds) / 1e9) s"
        }
    }
}
