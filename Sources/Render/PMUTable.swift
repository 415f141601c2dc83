import Recording

/// Performance counts as a table: a row for each thread, a column for each event.
enum PMUTable {
    static func of(_ totals: [PMUTotal], top: Int) -> (table: TextTable, threads: Int) {
        var events: [String] = []
        for total in totals where !events.contains(total.event) { events.append(total.event) }
        let hasIPC = events.contains("cycles") && events.contains("instructions")
        var table = TextTable(
            [("THREAD", .left), ("TID", .right)] + events.map { ($0.uppercased(), .right) }
                + (hasIPC ? [("INSTRUCTIONS A CYCLE", .right)] : []))
        var threads: [Int64] = []
        for total in totals where threads.last != total.thread { threads.append(total.thread) }
        let byThread = Dictionary(grouping: totals, by: \.thread)
        for thread in threads.prefix(top) {
            let counts = byThread[thread] ?? []
            guard let first = counts.first else { continue }
            let cells = events.map { event in cell(counts.first { $0.event == event }) }
            table.add([first.comm, "\(first.tid)"] + cells + (hasIPC ? [ipc(counts)] : []))
        }
        return (table, threads.count)
    }

    /// A count that was scaled up is marked: it is an estimate.  So is one that lacks turns which went unseen.
    private static func cell(_ total: PMUTotal?) -> String {
        guard let total else { return "" }
        guard let value = total.value else { return "not counted" }
        return (total.running < total.enabled ? "~" : "") + "\(value)" + (total.unseen > 0 ? "+" : "")
    }

    private static func ipc(_ counts: [PMUTotal]) -> String {
        guard let cycles = counts.first(where: { $0.event == "cycles" })?.value, cycles > 0,
            let instructions = counts.first(where: { $0.event == "instructions" })?.value
        else { return "" }
        let hundredths = (100 * Double(instructions) / Double(cycles)).rounded()
        return "\(hundredths / 100)"
    }
}
