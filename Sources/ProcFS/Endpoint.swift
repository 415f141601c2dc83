import Glibc

/// A TCP endpoint: an address and a port.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// 0.0.0.0 and :: stand for every address.
    public var address: IPAddress
    public var port: UInt16

    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// From `10.0.0.7:5432` or `[::1]:80`; nil if it is neither.
    public init?(parsing text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]),
            port > 0
        else { return nil }
        var host = String(text[..<colon])
        let isIPv6 = host.hasPrefix("[") && host.hasSuffix("]")
        if isIPv6 { host = String(host.dropFirst().dropLast()) }
        var bytes = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
        // `bytes` has the length that the family's addresses have.
        guard inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &bytes) == 1, let address = IPAddress(bytes: bytes)
        else { return nil }
        self.init(address: address, port: port)
    }

    public var description: String { address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)" }

    /// 16 bytes, an IPv4 address mapped into IPv6.
    public var mappedAddress: [UInt8] {
        address.isIPv6 ? address.bytes : [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + address.bytes
    }

    /// Whether a socket's end is this one.  A socket that listens on every address listens on this one too.
    func matches(_ address: IPAddress, _ port: UInt16) -> Bool {
        port == self.port && (address == self.address || address.isWildcard || self.address.isWildcard)
    }
}

/// A process that has a socket at an endpoint.
public struct EndpointUser: Sendable, Equatable {
    public var pid: UInt32
    public var endpoint: Endpoint
}

extension ProcTree {
    /// Who listens on or is connected to one of these endpoints, from either side, in any network namespace.
    ///
    /// Reads the TCP sockets of each namespace, and the descriptors of its processes if any of them matches.
    public func users(of endpoints: [Endpoint], except: Set<UInt32> = []) -> [EndpointUser] {
        let pids = pids().filter { !except.contains($0) }
        let namespaces = Dictionary(grouping: pids) { pid in
            FileAccess.linkTarget("\(root)/\(pid)/ns/net").bytes ?? []
        }
        // A descriptor may have been handed to a process in another namespace.
        var endpointOfSocket: [UInt64: Endpoint] = [:]
        for (namespace, members) in namespaces where !namespace.isEmpty {
            // The first may have ended meanwhile.
            let tables = members.lazy.compactMap { self.tcpSockets(seenBy: $0) }
            for socket in tables.first ?? [] {
                endpointOfSocket[socket.inode] = endpoints.first {
                    $0.matches(socket.local.address, socket.local.port)
                        || $0.matches(socket.remote.address, socket.remote.port)
                }
            }
        }
        guard !endpointOfSocket.isEmpty else { return [] }
        return pids.compactMap { pid in
            let endpoint = fileDescriptors(of: pid).values.lazy.compactMap { target -> Endpoint? in
                guard case .socket(let inode) = target else { return nil }
                return endpointOfSocket[inode]
            }.first
            return endpoint.map { EndpointUser(pid: pid, endpoint: $0) }
        }
    }

    private struct TCPSocket {
        var local: (address: IPAddress, port: UInt16)
        var remote: (address: IPAddress, port: UInt16)
        var inode: UInt64
    }

    /// nil if the process is gone or may not be looked at.
    private func tcpSockets(seenBy pid: UInt32) -> [TCPSocket]? {
        let tables = ["tcp", "tcp6"].compactMap { FileAccess.read("\(root)/\(pid)/net/\($0)").bytes }
        guard !tables.isEmpty else { return nil }
        return tables.flatMap { table in
            table.lines.compactMap { line -> TCPSocket? in
                let fields = line.fields
                guard fields.count >= 10, let local = ListeningPorts.endpoint(fields[1]),
                    let remote = ListeningPorts.endpoint(fields[2]), let inode = fields[9].decimal, inode != 0
                else { return nil }
                return TCPSocket(local: local, remote: remote, inode: inode)
            }
        }
    }
}
