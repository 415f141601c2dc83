import GRDB
import Model

/// Rows of performance counters.
struct PMURows: Sendable {
    private var events = DimensionRows<PMUEvent>()

    mutating func store(_ batch: TickBatch, _ db: Database) throws {
        guard !batch.pmu.isEmpty else { return }
        // Two threads of the kernel's numbering may be one version here: one that was let go and is found again.
        let insert = try RowStatement(
            db,
            """
            INSERT INTO pmu_samples VALUES (?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET counter = counter + excluded.counter,
                enabled_ns = enabled_ns + excluded.enabled_ns, running_ns = running_ns + excluded.running_ns,
                unseen_ns = unseen_ns + excluded.unseen_ns
            """)
        for (thread, sample) in batch.pmu {
            let event = try events.id(of: sample.event, db)
            try insert.run { row in
                row.add(batch.tick.number)
                row.add(thread)
                row.add(event)
                row.add(sample.counter)
                row.add(sample.enabled)
                row.add(sample.running)
                row.add(sample.unseen)
            }
        }
    }
}

extension PMUEvent: DimensionValue {
    static let table = "pmu_events"
    static let columns = ["name"]

    func bind(to row: inout RowStatement.Row) { row.add(name) }
}
