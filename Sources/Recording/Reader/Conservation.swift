import GRDB
import Model

extension Recording {
    /// Whether the time of the filter's stretch adds up.
    public func conservation(_ filter: Filter = Filter()) throws(RecordingError) -> Conservation {
        let threads = filter.threadConditions
        let waits = filter.withAllWaits.waitConditions
        return try read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS rows, sum(alive_ns) AS alive, sum(on_cpu_ns) AS on_cpu,
                        sum(waking_ns) AS waking, sum(run_queue_ns) AS run_queue, sum(blocked_ns) AS blocked,
                        sum(kernel_on_cpu_ns) AS kernel_on_cpu, sum(kernel_run_queue_ns) AS kernel_run_queue,
                        max(abs(alive_ns - on_cpu_ns - waking_ns - run_queue_ns - blocked_ns) * 1.0 / max(alive_ns, 1))
                            AS deviation
                    FROM thread_seconds \(threads.sql)
                    """,
                arguments: threads.statementArguments)
            let waited = try Int64.fetchOne(
                db, sql: "SELECT sum(total_ns) FROM waits \(waits.sql)", arguments: waits.statementArguments)
            guard let row else { throw RecordingError.damaged(path: path, reason: "an empty aggregate") }
            return Conservation(
                rows: Int(row.integer("rows")), alive: row.unsigned("alive"), onCPU: row.unsigned("on_cpu"),
                waking: row.unsigned("waking"), runQueue: row.unsigned("run_queue"),
                blocked: row.unsigned("blocked"),
                waits: UInt64(clamping: waited ?? 0),
                largestDeviation: (row["deviation"] as Double?) ?? 0,
                kernelOnCPU: row.unsigned("kernel_on_cpu"), kernelRunQueue: row.unsigned("kernel_run_queue"))
        }
    }
}

extension Conservation {
    /// The same from totals that are loaded already.
    /// - Parameters:
    ///   - threads: of a stretch.
    ///   - waits: all waits of these threads.
    public init(threads: [ThreadTotal], waits: [WaitTotal]) {
        var sum = ThreadSample()
        for thread in threads { sum += thread.sample }
        self.init(
            rows: threads.reduce(0) { $0 + $1.ticks }, alive: sum.alive, onCPU: sum.onCPU,
            waking: sum.waking, runQueue: sum.runQueue, blocked: sum.blocked,
            waits: waits.reduce(0) { $0 &+ $1.total },
            largestDeviation: threads.map(\.largestDeviation).max() ?? 0, kernelOnCPU: sum.kernelOnCPU,
            kernelRunQueue: sum.kernelRunQueue)
    }
}
