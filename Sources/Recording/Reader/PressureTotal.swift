import GRDB
import Model

/// Stall time of the host or a cgroup over a stretch of a recording, nanoseconds.
public struct PressureTotal: Sendable, Equatable {
    /// nil for the host.
    public var cgroup: String?
    /// `PressureResource`'s raw value.
    public var resource: String
    public var some: UInt64
    public var full: UInt64
    /// Of the stretch.
    public var duration: UInt64
}

extension Recording {
    /// The host first, then cgroups by name; what was never stalled is left out.
    public func pressureTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [PressureTotal] {
        let ticks = try ticks(filter)
        guard let first = ticks.first?.number, let last = ticks.last?.number else { return [] }
        let duration = ticks.reduce(0) { $0 + $1.duration }
        return try read { db in
            // Recordings of format 1 have none.
            guard try db.tableExists("pressure_samples") else { return [] }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT nullif(cgroup, '') AS cgroup, resource, sum(some_ns) AS some, sum(full_ns) AS full
                    FROM pressure_samples WHERE tick BETWEEN ? AND ?
                    GROUP BY cgroup, resource ORDER BY cgroup, resource
                    """, arguments: [first, last]
            ).map { row in
                PressureTotal(
                    cgroup: row.optionalText("cgroup"), resource: row.text("resource"),
                    some: row.unsigned("some"), full: row.unsigned("full"), duration: duration)
            }
        }
    }
}
