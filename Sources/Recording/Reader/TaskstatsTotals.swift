import GRDB
import Model

/// The kernel's own account of a thread over a stretch of a recording.
public struct TaskstatsTotal: Sendable, Equatable {
    public var process, thread: Int64
    public var pid, tid: UInt32
    public var comm, processComm: String
    /// Exit records: 1 if the thread ended, else 0.
    public var exits: UInt64
    /// Without delays if none of its rows has any.
    public var counters: TaskCounters

    public init(
        process: Int64, thread: Int64, pid: UInt32, tid: UInt32, comm: String, processComm: String,
        exits: UInt64, counters: TaskCounters
    ) {
        (self.process, self.thread, self.pid, self.tid) = (process, thread, pid, tid)
        (self.comm, self.processComm, self.exits, self.counters) = (comm, processComm, exits, counters)
    }
}

extension Recording {
    /// One for each thread of the filter's, the longest delays first.
    public func taskstatsTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [TaskstatsTotal] {
        try read { db in
            // Recordings that were begun before this was there have none.
            guard try db.tableExists("taskstats_samples") else { return [] }
            let selection = try Selection(filter, db)
            let source = selection.source("taskstats_samples", filter)
            let columns = TaskstatsSchema.counters + TaskstatsSchema.delayColumns
            let sums = columns.map { "sum(r.\($0)) AS \($0)" }.joined(separator: ", ")
            var totals: [Int64: TaskstatsTotal] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql:
                    "SELECT r.thread AS version, sum(r.is_exit) AS exits, \(sums) \(source.sql) GROUP BY r.thread",
                arguments: source.arguments)
            while let row = try rows.next() {
                // What the filter does not choose has no version here.
                guard let version = selection.versions[row.integer("version")] else { continue }
                var total =
                    totals[version.thread]
                    ?? TaskstatsTotal(
                        process: version.process, thread: version.thread, pid: version.pid, tid: version.tid,
                        comm: version.comm, processComm: version.processComm, exits: 0,
                        counters: TaskCounters())
                (total.comm, total.processComm) = (version.comm, version.processComm)
                total.exits += row.unsigned("exits")
                total.counters = total.counters + TaskCounters(row: row)
                totals[version.thread] = total
            }
            return totals.values.sorted {
                ($1.counters.delays?.sum ?? 0, $1.counters.cpu.total, $0.thread)
                    < ($0.counters.delays?.sum ?? 0, $0.counters.cpu.total, $1.thread)
            }
        }
    }
}

extension TaskCounters {
    fileprivate init(row: Row) {
        func delay(_ name: String) -> TaskDelay? {
            guard let count = row.optionalUnsigned(name + "_count") else { return nil }
            return TaskDelay(count: count, total: row.unsigned(name + "_ns"))
        }
        self.init(
            cpu: delay("cpu") ?? TaskDelay(), runReal: row.unsigned("run_real_ns"),
            runVirtual: row.unsigned("run_virtual_ns"), voluntary: row.unsigned("voluntary_switches"),
            involuntary: row.unsigned("involuntary_switches"), readBytes: row.unsigned("read_bytes"),
            writtenBytes: row.unsigned("written_bytes"))
        guard let blockIO = delay("blkio") else { return }
        delays = TaskDelays(
            blockIO: blockIO, swapIn: delay("swapin") ?? TaskDelay(),
            reclaim: delay("reclaim") ?? TaskDelay(), thrashing: delay("thrashing") ?? TaskDelay(),
            compaction: delay("compaction"), writeProtectCopy: delay("wpcopy"), interrupts: delay("irq"))
    }
}
