/// The TCP and UDP sockets of a network namespace that others can turn to of their own accord: those that
/// listen, and UDP sockets without a fixed peer.
public struct ListeningPorts: Sendable, Equatable {
    public enum TransportProtocol: Sendable, Hashable {
        case tcp, udp
    }

    public struct Socket: Sendable, Hashable {
        public var transport: TransportProtocol
        /// May be a wildcard.
        public var address: IPAddress
        public var port: UInt16
        public var inode: UInt64

        public init(transport: TransportProtocol, address: IPAddress, port: UInt16, inode: UInt64) {
            self.transport = transport
            self.address = address
            self.port = port
            self.inode = inode
        }
    }

    public let sockets: [Socket]
    private let byPort: [Port: [IPAddress]]

    private struct Port: Hashable {
        var transport: TransportProtocol
        var number: UInt16
    }

    public init(_ sockets: [Socket]) {
        self.sockets = sockets
        byPort = Dictionary(grouping: sockets) { Port(transport: $0.transport, number: $0.port) }
            .mapValues { $0.map(\.address) }
    }

    /// Whether a socket with this local end was reached through a listening one: it is the server's side.
    ///
    /// 0.0.0.0 stands for every IPv4 address, and :: for every address: `/proc` does not show whether such a
    /// socket has `IPV6_V6ONLY` set.
    public func isListening(_ transport: TransportProtocol, _ address: IPAddress, _ port: UInt16) -> Bool {
        (byPort[Port(transport: transport, number: port)] ?? []).contains { local in
            local == address || local.isWildcard && (local.isIPv6 || !address.isIPv6)
        }
    }

    /// The listening sockets in the content of a `/proc/PID/net/tcp`, `tcp6`, `udp` or `udp6`.
    /// Lines that are no such lines are left out.
    public static func parse(_ bytes: [UInt8], transport: TransportProtocol) -> [Socket] {
        bytes.lines.compactMap { line in
            // slot: local-address:port remote-address:port state queues timer retransmits uid timeout inode
            let fields = line.fields
            guard fields.count >= 10, let local = endpoint(fields[1]), let remote = endpoint(fields[2]),
                let inode = fields[9].decimal
            else { return nil }
            switch transport {
            case .tcp: guard isListening(fields[3]) else { return nil }
            // A bound socket: TCP_CLOSE; with connect() it becomes TCP_ESTABLISHED.
            case .udp:
                guard fields[3].hexadecimal == 7, remote.port == 0, remote.address.isWildcard else {
                    return nil
                }
            }
            return Socket(transport: transport, address: local.address, port: local.port, inode: inode)
        }
    }

    static func endpoint(_ field: ArraySlice<UInt8>) -> (address: IPAddress, port: UInt16)? {
        let parts = field.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parsing: parts[0]),
            let port = parts[1].hexadecimal.flatMap({ UInt16(exactly: $0) })
        else { return nil }
        return (address, port)
    }

    /// `TCP_LISTEN` of include/net/tcp_states.h.
    private static func isListening(_ state: ArraySlice<UInt8>) -> Bool { state.hexadecimal == 0x0a }

    /// Whether a piece of `/proc/net/tcp` has come to where no listening sockets follow: the kernel shows
    /// all of these first, and there may be 100,000 connections behind them.
    static func isPastListeners(_ piece: ArraySlice<UInt8>) -> Bool {
        // The first and the last line of a piece may be cut.
        piece.lines.dropFirst().dropLast().contains { line in
            let fields = line.fields
            return fields.count >= 10 && endpoint(fields[1]) != nil && !isListening(fields[3])
        }
    }
}

extension ProcTree {
    /// What listens in the network namespace of a process; nil if the process is gone or may not be looked
    /// at.
    public func listeningPorts(of pid: UInt32) -> ListeningPorts? {
        let directory = "\(root)/\(pid)/net"
        let tcp = FileAccess.read("\(directory)/tcp", until: ListeningPorts.isPastListeners)
        guard let tcp = tcp.bytes else { return nil }
        // A kernel without IPv6 does not have these.
        let tcp6 = FileAccess.read("\(directory)/tcp6", until: ListeningPorts.isPastListeners).bytes ?? []
        let udp = ["udp", "udp6"].map { FileAccess.read("\(directory)/\($0)").bytes ?? [] }
        return ListeningPorts(
            [tcp, tcp6].flatMap { ListeningPorts.parse($0, transport: .tcp) }
                + udp.flatMap { ListeningPorts.parse($0, transport: .udp) })
    }
}
