import GRDB
import Model

/// Requests of one process's threads to one file through one ring or context, over a stretch of a recording.  Times are
/// nanoseconds.
public struct AsyncTotal: Sendable, Equatable {
    public var process: Int64
    /// 0, and its name empty, if the submission was not seen.
    public var pid: UInt32
    public var processComm: String
    public var ring: String?
    /// The process that met the ring first.
    public var ownerPID: UInt32?
    public var file: String?
    /// Its name, or its number if no name is known; nil for completions that are some of several of their requests.
    public var operation: String?
    /// Sums, with what was under way when the stretch ended.
    public var sample: AsyncSample

    public init(
        process: Int64, pid: UInt32, processComm: String, ring: String?, ownerPID: UInt32?, file: String?,
        operation: String?, sample: AsyncSample
    ) {
        (self.process, self.pid, self.processComm) = (process, pid, processComm)
        (self.ring, self.ownerPID, self.file, self.operation) = (ring, ownerPID, file, operation)
        self.sample = sample
    }
}

extension Recording {
    /// Requests of the filter's threads, the longest time first; empty where there were none or they were not recorded.
    public func asyncTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [AsyncTotal] {
        let ticks = try ticks(filter)
        guard let last = ticks.last?.number else { return [] }
        return try read { db in
            // Older recordings have none.
            guard try db.tableExists("async_samples") else { return [] }
            let selection = try Selection(filter, db)
            let source = selection.source("async_samples", filter)
            let names = try Self.operationNames(db)
            var sums: [AsyncKey: AsyncSum] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT r.thread, r.ring, r.file, r.operation, r.issue, r.requests, r.errors, r.completions,
                        r.untold, r.total_ns, r.max_ns, r.unreaped, r.tick, r.in_flight, r.histogram AS histogram,
                        (SELECT name FROM resource_rows o WHERE o.id = r.ring) AS ring_name,
                        (SELECT pid FROM resource_rows o WHERE o.id = r.ring) AS owner,
                        (SELECT name FROM resource_rows o WHERE o.id = r.file) AS file_name
                    \(source.sql)
                    """, arguments: source.arguments)
            while let row = try rows.next() {
                let version = selection.versions[row.integer(at: 0)]
                if version == nil, selection.isSelective { continue }
                let key = AsyncKey(
                    process: version?.process ?? 0, ring: row.integer(at: 1), file: row.integer(at: 2),
                    operation: row.integer(at: 3), issue: row.integer(at: 4))
                let issue = AsyncIssue(rawValue: UInt8(clamping: key.issue)) ?? .inline
                sums[
                    key,
                    default: AsyncSum(
                        AsyncTotal(
                            process: key.process, pid: version?.pid ?? 0,
                            processComm: version?.processComm ?? "",
                            ring: row.optionalText("ring_name"),
                            ownerPID: row.optionalUnsigned("owner").map { UInt32(clamping: $0) },
                            file: row.optionalText("file_name"),
                            operation: key.operation == Int64(AsyncOperations.none)
                                ? nil
                                : names[key.operation + (issue == .aio ? 256 : 0)] ?? "\(key.operation)",
                            sample: AsyncSample(
                                ring: key.ring, file: key.file, operation: UInt8(clamping: key.operation),
                                issue: issue)))
                ].add(row, last: last)
            }
            return sums.values.map(\.finished).sorted {
                ($1.sample.total, $0.sample.ring, $0.sample.file, $0.process)
                    < ($0.sample.total, $1.sample.ring, $1.sample.file, $1.process)
            }
        }
    }

    private struct AsyncKey: Hashable {
        var process, ring, file, operation, issue: Int64
    }

    private struct AsyncSum {
        private var total: AsyncTotal
        private var lengths = HistogramAccumulator()

        init(_ total: AsyncTotal) { self.total = total }

        mutating func add(_ row: Row, last: Int64) {
            var sample = total.sample
            sample.requests &+= row.unsigned(at: 5)
            sample.errors &+= row.unsigned(at: 6)
            sample.completions &+= row.unsigned(at: 7)
            sample.untold &+= row.unsigned(at: 8)
            sample.total &+= row.unsigned(at: 9)
            sample.longest = max(sample.longest, row.unsigned(at: 10))
            sample.unreaped = max(sample.unreaped, row.unsigned(at: 11))
            if row.integer(at: 12) == last { sample.inFlight &+= row.unsigned(at: 13) }
            total.sample = sample
            if let text = row.optionalText("histogram") { lengths.add(json: text) }
        }

        var finished: AsyncTotal {
            var total = total
            total.sample.lengths = lengths.histogram
            return total
        }
    }

    /// By number, those of aio from 256 on.
    private static func operationNames(_ db: Database) throws -> [Int64: String] {
        let rows = try Row.fetchAll(
            db, sql: "SELECT number + 256 * is_aio, name AS name FROM async_operations")
        return Dictionary(
            rows.map { ($0.integer(at: 0), $0.text("name")) }, uniquingKeysWith: { first, _ in first })
    }
}
