import Model
import ProcFS

/// What went wrong in the network namespaces of the targets since the last look.
struct NetworkMeter {
    private let proc: ProcTree
    private var last: [UInt32: NetworkCounters] = [:]
    /// Reading both files takes some 100 us for each.
    private static let mostNamespaces = 8

    init(proc: ProcTree) { self.proc = proc }

    /// - Parameter namespaces: each with a process that is in it.
    mutating func read(_ namespaces: [UInt32: UInt32]) -> [NetworkSample] {
        var present: [UInt32: NetworkCounters] = [:]
        for (namespace, pid) in namespaces.sorted(by: { $0.key < $1.key }).prefix(Self.mostNamespaces) {
            present[namespace] = .read(seenBy: pid, proc: proc)
        }
        defer { last = present }
        return present.compactMap { namespace, now in
            last[namespace].map { Self.sample(namespace, now, since: $0) }
        }.sorted { $0.namespace < $1.namespace }
    }

    private static func sample(_ namespace: UInt32, _ now: NetworkCounters, since then: NetworkCounters)
        -> NetworkSample
    {
        func since(_ name: String) -> UInt64 { now[name] - min(now[name], then[name]) }
        var sample = NetworkSample(namespace: namespace)
        sample.segments = since("Tcp.OutSegs")
        sample.retransmits = since("Tcp.RetransSegs")
        sample.timeouts = since("TcpExt.TCPTimeouts")
        sample.drops = NetworkCounters.drops.reduce(0) { $0 + since($1) }
        sample.listenOverflows = since("TcpExt.ListenOverflows")
        sample.listenDrops = since("TcpExt.ListenDrops")
        return sample
    }
}
