import GRDB
import Model

/// Rows of ticks and of thread samples.
struct SampleRows {
    private let tick: RowStatement
    private let sample: RowStatement

    init(_ db: Database) throws {
        tick = try RowStatement(db, "INSERT INTO ticks VALUES (?,?,?,?)")
        sample = try RowStatement(
            db, "INSERT INTO thread_samples VALUES (" + String(repeating: "?,", count: 32) + "?)")
    }

    func store(_ batch: TickBatch) throws {
        try tick.run { row in
            row.add(batch.tick.number)
            row.add(batch.tick.time)
            row.add(batch.tick.bootTime)
            row.add(batch.tick.duration)
        }
        var text: [UInt8] = []
        // In the order of the key, rows are appended to the table's last page instead of searched for.
        for (thread, sample) in batch.samples.sorted(by: { $0.thread < $1.thread }) {
            try store(sample, of: thread, tick: batch.tick.number, text: &text)
        }
    }

    private func store(
        _ value: ThreadSample, of thread: Int64, tick: Int64, text: inout [UInt8]
    ) throws {
        try sample.run { row in
            row.add(tick)
            row.add(thread)
            row.add(value.alive)
            row.add(value.onCPU)
            row.add(value.waking)
            row.add(value.runQueue)
            row.add(value.interruptible)
            row.add(value.uninterruptible)
            row.add(value.ioWait)
            row.add(value.voluntarySwitches)
            row.add(value.involuntarySwitches)
            row.add(value.wakeups)
            row.add(value.migrations)
            row.add(value.minorFaults)
            row.add(value.majorFaults)
            row.add(value.bursts)
            row.add(value.burstTotal)
            row.add(value.longestBurst)
            row.add(value.burstLengths, text: &text)
            row.add(value.wakeGaps)
            row.add(value.wakeGapTotal)
            row.add(value.wakeGapLengths, text: &text)
            row.add(value.kernelOnCPU)
            row.add(value.kernelRunQueue)
            row.add(value.stolen)
            row.add(value.runQueues)
            row.add(value.longestRunQueue)
            row.add(value.runQueueLengths, text: &text)
            row.add(value.wakings)
            row.add(value.longestWaking)
            row.add(value.wakingLengths, text: &text)
            row.add(value.waitsWithoutWaker)
            row.add(value.missedSwitches)
        }
    }
}

extension RowStatement.Row {
    /// A histogram as a JSON array, NULL when empty; `text` is a buffer to use again for the next one.
    mutating func add(_ histogram: Histogram, text: inout [UInt8]) {
        guard !histogram.isEmpty else { return addNull() }
        text.removeAll(keepingCapacity: true)
        histogram.appendJSON(to: &text)
        text.withUnsafeBufferPointer { add($0) }
    }
}
