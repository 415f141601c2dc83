import Model
import Recording

/// Which futexes the threads of a process wait for, and for how long.
public struct LocksByTime {
    /// Nanoseconds by the futex's name, the longest first.
    public var locks: [(name: String, time: UInt64)]

    public init(of process: String, in path: String) throws {
        let recording = try Recording.open(path)
        var filter = Filter()
        filter.processNames = [process]
        filter.kinds = [.futex]
        var sums: [String: UInt64] = [:]
        for wait in try recording.waitTotals(filter) {
            sums[wait.resource ?? "unknown", default: 0] += wait.total
        }
        locks = sums.map { (name: $0.key, time: $0.value) }.sorted { $0.time > $1.time }
    }
}
