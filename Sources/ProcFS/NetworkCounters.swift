/// What TCP, UDP and IP count in a network namespace since it was made.
public struct NetworkCounters: Sendable, Equatable {
    private var values: [String: UInt64]

    /// Of `/proc/PID/net/snmp` and `/proc/PID/net/netstat`: each protocol has a line of names and one of numbers.
    public init(parsing files: [[UInt8]]) {
        values = [:]
        for lines in files.map(\.lines) {
            for (names, numbers) in zip(lines, lines.dropFirst()) {
                let (names, numbers) = (Array(names).fields, Array(numbers).fields)
                guard let protocolName = names.first, protocolName == numbers.first,
                    names.count == numbers.count
                else { continue }
                // A minus sign stands before what is no counter (the limit of connections).
                for (name, number) in zip(names, numbers).dropFirst() {
                    guard let value = number.decimal else { continue }
                    values[
                        String(decoding: protocolName.dropLast(), as: UTF8.self) + "."
                            + String(decoding: name, as: UTF8.self)] = value
                }
            }
        }
    }

    /// As in `Tcp.RetransSegs`; 0 if the kernel has no such counter.
    public subscript(name: String) -> UInt64 { values[name] ?? 0 }

    public var isEmpty: Bool { values.isEmpty }

    /// Packets that were dropped for want of a route, of memory, or of room in a buffer.
    public static let drops = [
        "Ip.InDiscards", "Ip.OutDiscards", "Ip.OutNoRoutes", "Udp.RcvbufErrors", "Udp.SndbufErrors",
        "TcpExt.TCPBacklogDrop", "TcpExt.TCPRcvQDrop", "TcpExt.TCPOFODrop", "TcpExt.RcvPruned",
        "TcpExt.TCPZeroWindowDrop", "TcpExt.TCPReqQFullDrop",
    ]

    /// Of the namespace that a process is in; nil if it is gone.
    public static func read(seenBy pid: UInt32, proc: ProcTree = ProcTree()) -> NetworkCounters? {
        let files = ["snmp", "netstat"].compactMap { FileAccess.read("\(proc.root)/\(pid)/net/\($0)").bytes }
        let counters = NetworkCounters(parsing: files)
        return counters.isEmpty ? nil : counters
    }
}

extension ProcTree {
    /// Inode of the network namespace that a process is in: `net:[4026531840]`.
    public func networkNamespace(of pid: UInt32) -> UInt32? {
        FileAccess.linkTarget("\(root)/\(pid)/ns/net").bytes.flatMap { target in
            target.drop { $0 != UInt8(ascii: "[") }.dropFirst().dropLast().decimal32
        }
    }
}
