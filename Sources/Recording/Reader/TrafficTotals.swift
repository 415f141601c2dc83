import GRDB
import Model

/// What the threads of one process moved through one socket or pipe, over a stretch of a recording.
public struct TrafficTotal: Sendable, Equatable {
    public var process: Int64
    public var pid: UInt32
    public var processComm: String
    public var resourceID: Int64
    public var resource: String?
    public var readCalls: UInt64
    public var readBytes: UInt64
    public var writeCalls: UInt64
    public var writeBytes: UInt64
}

extension Recording {
    /// What the filter's threads moved through sockets and pipes, the most bytes first; empty where system calls were
    /// not recorded.
    public func trafficTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [TrafficTotal] {
        try read { db in
            guard try db.tableExists("traffic_samples") else { return [] }
            let selection = try Selection(filter, db)
            let source = selection.source("traffic_samples", filter)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT r.thread, r.resource, r.direction, r.calls, r.bytes,
                        (SELECT name FROM resource_rows o WHERE o.id = r.resource) AS name \(source.sql)
                    """, arguments: source.arguments)
            var sums: [TrafficKey: TrafficTotal] = [:]
            while let row = try rows.next() {
                let version = selection.versions[row.integer(at: 0)]
                if version == nil, selection.isSelective { continue }
                let key = TrafficKey(process: version?.process ?? 0, resource: row.integer(at: 1))
                let none = TrafficTotal(
                    process: key.process, pid: version?.pid ?? 0, processComm: version?.processComm ?? "",
                    resourceID: key.resource, resource: row.optionalText("name"), readCalls: 0, readBytes: 0,
                    writeCalls: 0, writeBytes: 0)
                sums[key, default: none].add(row)
            }
            return sums.values.sorted {
                ($1.readBytes + $1.writeBytes, $0.resourceID) < ($0.readBytes + $0.writeBytes, $1.resourceID)
            }
        }
    }

    private struct TrafficKey: Hashable {
        var process, resource: Int64
    }
}

extension TrafficTotal {
    fileprivate mutating func add(_ row: Row) {
        if row.integer(at: 2) == Int64(WaitDirection.write.rawValue) {
            writeCalls &+= row.unsigned(at: 3)
            writeBytes &+= row.unsigned(at: 4)
        } else {
            readCalls &+= row.unsigned(at: 3)
            readBytes &+= row.unsigned(at: 4)
        }
    }
}
