import GRDB
import Model

/// What an event counted while one thread ran, over a stretch of a recording.
public struct PMUTotal: Sendable, Equatable {
    public var thread: Int64
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    /// `PMUEvent.name`.
    public var event: String
    public var counter: UInt64
    /// Nanoseconds for which it was to be counted, and for which it was, as in `PMUSample`.
    public var enabled: UInt64
    public var running: UInt64
    /// Nanoseconds on a CPU in which nothing was counted.
    public var unseen: UInt64

    /// The count for all of `enabled`: the counter itself, or scaled up where it shared the hardware with others; nil if
    /// it never had a place there.
    public var value: UInt64? {
        if running == enabled { return counter }
        return running == 0 ? nil : UInt64((Double(counter) * Double(enabled) / Double(running)).rounded())
    }
}

extension Recording {
    /// Performance counts of the filter's threads: the threads with the most time first, of each its events in the
    /// order in which they were asked for.
    public func pmuTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [PMUTotal] {
        try read { db in
            // Recordings of format 1 have none.
            guard try db.tableExists("pmu_samples") else { return [] }
            let selection = try Selection(filter, db)
            let names = try Row.fetchAll(db, sql: "SELECT id, name FROM pmu_events")
            let events = Dictionary(uniqueKeysWithValues: names.map { ($0.integer("id"), $0.text("name")) })
            let source = selection.source("pmu_samples", filter)
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT r.thread AS thread, r.event AS event, r.counter, r.enabled_ns, r.running_ns, r.unseen_ns
                    \(source.sql)
                    """,
                arguments: source.arguments)
            var sums: [Key: PMUTotal] = [:]
            while let row = try rows.next() {
                let version = selection.versions[row.integer("thread")]
                if selection.isSelective, version == nil { continue }
                let key = Key(thread: version?.thread ?? 0, event: row.integer("event"))
                var sum =
                    sums[key]
                    ?? PMUTotal(
                        thread: key.thread, pid: version?.pid ?? 0, tid: version?.tid ?? 0,
                        comm: version?.comm ?? "", event: events[key.event] ?? "?", counter: 0, enabled: 0,
                        running: 0, unseen: 0)
                sum.counter += row.unsigned(at: 2)
                sum.enabled += row.unsigned(at: 3)
                sum.running += row.unsigned(at: 4)
                sum.unseen += row.unsigned(at: 5)
                sums[key] = sum
            }
            var time: [Int64: UInt64] = [:]
            for (key, sum) in sums { time[key.thread] = max(time[key.thread] ?? 0, sum.enabled) }
            return sums.sorted { left, right in
                (time[right.key.thread] ?? 0, left.key.thread, left.key.event)
                    < (time[left.key.thread] ?? 0, right.key.thread, right.key.event)
            }.map(\.value)
        }
    }

    private struct Key: Hashable {
        var thread, event: Int64
    }
}
