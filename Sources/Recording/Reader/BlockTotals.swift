import GRDB
import Model

/// Requests of one process to one block device, over a stretch of a recording.  Times are nanoseconds.
public struct BlockTotal: Sendable, Equatable {
    public var device: String
    /// `RequestOperation.name`.
    public var operation: String
    public var pid: UInt32?
    public var comm: String?
    public var cgroup: String?
    public var requests: UInt64
    public var bytes: UInt64
    public var merges: UInt64
    public var flushes: UInt64
    public var errors: UInt64
    public var queueTotal: UInt64
    public var deviceTotal: UInt64
    public var longest: UInt64
    public var queueLengths: Histogram
    public var deviceLengths: Histogram
    /// Under way when the stretch ended.
    public var inFlight: UInt64
}

extension Recording {
    /// Who used which block device, the longest time of requests first.  All of the host's are there: a filter's threads
    /// and processes do not choose among them, its times do.
    public func blockTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [BlockTotal] {
        // Recordings of format 1 have none.
        guard try hasBlockIO() else { return [] }
        let ticks = try ticks(filter)
        guard let first = ticks.first?.number, let last = ticks.last?.number else { return [] }
        return try read { db in
            var sums: [Key: Sum] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT d.name AS device, o.name AS operation, s.pid AS pid, s.comm AS comm, s.cgroup AS cgroup,
                        r.requests, r.bytes, r.merges, r.flushes, r.errors, r.queue_ns, r.device_ns, r.max_ns,
                        r.queue_histogram AS queue_histogram, r.device_histogram AS device_histogram,
                        CASE r.tick WHEN :last THEN r.in_flight ELSE 0 END
                    FROM block_samples r
                    LEFT JOIN devices d ON d.id = r.device
                    LEFT JOIN block_operations o ON o.id = r.operation
                    LEFT JOIN block_submitters s ON s.id = r.submitter
                    WHERE r.tick BETWEEN :first AND :last
                    """,
                arguments: ["first": first, "last": last])
            while let row = try rows.next() {
                let key = Key(
                    device: row.optionalText("device") ?? "?",
                    operation: row.optionalText("operation") ?? "?",
                    pid: row.unsigned(at: 2), comm: row.optionalText("comm") ?? "",
                    cgroup: row.optionalText("cgroup") ?? "")
                sums[key, default: Sum()].add(row)
            }
            return sums.map { $1.total($0) }.sorted {
                ($1.queueTotal + $1.deviceTotal, $0.device, $0.operation)
                    < ($0.queueTotal + $0.deviceTotal, $1.device, $1.operation)
            }
        }
    }

    private func hasBlockIO() throws(RecordingError) -> Bool {
        try read { db in try db.tableExists("block_samples") }
    }

    private struct Key: Hashable {
        var device, operation: String
        var pid: UInt64
        var comm, cgroup: String
    }

    private struct Sum {
        private var numbers = [UInt64](repeating: 0, count: 7)
        private var longest: UInt64 = 0
        private var inFlight: UInt64 = 0
        private var queue = HistogramAccumulator()
        private var device = HistogramAccumulator()

        mutating func add(_ row: Row) {
            for index in numbers.indices { numbers[index] &+= row.unsigned(at: 5 + index) }
            longest = max(longest, row.unsigned(at: 12))
            if let text = row.optionalText("queue_histogram") { queue.add(json: text) }
            if let text = row.optionalText("device_histogram") { device.add(json: text) }
            inFlight += row.unsigned(at: 15)
        }

        func total(_ key: Key) -> BlockTotal {
            BlockTotal(
                device: key.device, operation: key.operation,
                pid: key.pid == 0 ? nil : UInt32(clamping: key.pid), comm: key.comm.isEmpty ? nil : key.comm,
                cgroup: key.cgroup.isEmpty ? nil : key.cgroup, requests: numbers[0], bytes: numbers[1],
                merges: numbers[2], flushes: numbers[3], errors: numbers[4], queueTotal: numbers[5],
                deviceTotal: numbers[6], longest: longest, queueLengths: queue.histogram,
                deviceLengths: device.histogram, inFlight: inFlight)
        }
    }
}
