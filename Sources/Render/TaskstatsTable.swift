import Model
import Recording

/// The kernel's delay accounting in a report.
struct TaskstatsTable {
    /// Threads that anything but a CPU held up.
    let rows: [TaskstatsTotal]
    private let all: [TaskstatsTotal]
    private let top: Int

    init(_ totals: [TaskstatsTotal], top: Int) {
        all = totals
        rows = totals.filter { $0.counters.delays?.sum ?? 0 > 0 }
        self.top = top
    }

    /// nil where there is nothing to say.
    var title: String? {
        guard !all.isEmpty else { return nil }
        return rows.isEmpty
            ? "The kernel's own account (taskstats) of \(Units.count(all.count, "thread", "threads"))"
            : "Delays by the kernel's own account (taskstats)"
    }

    /// nil if no thread was held up.
    var table: TextTable? {
        guard !rows.isEmpty else { return nil }
        let shown = rows.prefix(top)
        let kinds = Self.kinds.filter { kind in shown.contains { Self.delay(kind.get, $0).total > 0 } }
        var table = TextTable([("THREAD", .left), ("TID", .right)] + kinds.map { ($0.name, .right) })
        for total in shown {
            table.add(
                [total.comm, "\(total.tid)"]
                    + kinds.map { kind in
                        let delay = Self.delay(kind.get, total)
                        return delay.total == 0 ? "" : "\(Units.duration(delay.total)) in \(delay.count)"
                    })
        }
        return table
    }

    var notes: [String] {
        var notes: [String] = []
        let ended = all.reduce(0) { $0 + $1.exits }
        if ended > 0 { notes.append("ended: \(Units.count(Int(ended), "thread", "threads"))") }
        let unknown = all.filter { $0.counters.delays == nil }.count
        if unknown == all.count {
            notes.append(
                "The delay columns are NULL: kernel.task_delayacct was off, or was turned on after the threads began "
                    + "(record --enable-delayacct turns it on).")
        } else if unknown > 0 {
            notes.append(
                "\(unknown) of \(all.count) threads began before kernel.task_delayacct was on; their delays are not "
                    + "known.")
        } else if rows.isEmpty {
            notes.append("Nothing but a CPU held them up.")
        }
        return notes
    }

    private struct Kind {
        var name: String
        var get: @Sendable (TaskDelays) -> TaskDelay?
    }

    private static let kinds = [
        Kind(name: "BLOCK I/O") { $0.blockIO }, Kind(name: "SWAP-IN") { $0.swapIn },
        Kind(name: "RECLAIM") { $0.reclaim }, Kind(name: "THRASHING") { $0.thrashing },
        Kind(name: "COMPACTION") { $0.compaction }, Kind(name: "COPY ON WRITE") { $0.writeProtectCopy },
        Kind(name: "INTERRUPTS") { $0.interrupts },
    ]

    private static func delay(_ get: (TaskDelays) -> TaskDelay?, _ total: TaskstatsTotal) -> TaskDelay {
        total.counters.delays.flatMap(get) ?? TaskDelay()
    }
}
