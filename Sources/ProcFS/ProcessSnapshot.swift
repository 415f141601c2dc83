/// All processes and who started whom, as one pass over `/proc` found them.
public struct ProcessSnapshot: Sendable {
    public let processes: [UInt32: ProcessStat]
    private let children: [UInt32: [UInt32]]

    public init(_ stats: [ProcessStat]) {
        processes = Dictionary(stats.map { ($0.pid, $0) }, uniquingKeysWith: { $1 })
        children = Dictionary(grouping: stats.map(\.pid).sorted()) { [processes] pid in
            processes[pid]?.parentPID ?? 0
        }
    }

    /// Ids of all processes in ascending order.
    public var pids: [UInt32] { processes.keys.sorted() }

    /// In ascending order.  A process whose parent has ended is a child of init or of a subreaper.
    public func children(of pid: UInt32) -> [UInt32] { children[pid] ?? [] }

    /// Children, their children, and so on; parents come before their children.
    /// - Parameter excluded: processes that are left out with everything below them.
    public func descendants(of pid: UInt32, excluding excluded: Set<UInt32> = []) -> [UInt32] {
        var found: [UInt32] = []
        // A pid that was given to a new process during the pass can make a ring out of the tree.
        var seen: Set<UInt32> = excluded.union([pid])
        var next = children(of: pid)
        while !next.isEmpty {
            let level = next.filter { seen.insert($0).inserted }
            found += level
            next = level.flatMap { children(of: $0) }
        }
        return found
    }
}
