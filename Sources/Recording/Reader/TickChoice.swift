import GRDB
import Model

/// Ticks of a recording that stand for all of it, evenly spread, where it has more spells than need be looked at.
struct TickChoice {
    /// In order; ticks of a run follow one another.
    let runs: [ClosedRange<Int64>]
    /// Spells in the stretch, chosen or not; about.
    let spells: Int
    private let first: Int64
    /// Ends of all ticks from the first on, and how many of those before each were chosen.
    private let ends: [UInt64]
    private let chosenBefore: [Int]

    /// - Returns: nil if there are no more than `limit` spells, or no ticks.
    init?(_ range: Range<UInt64>, atMost limit: Int, _ db: Database) throws {
        guard try db.tableExists("interval_rows"), let ticks = try IntervalTicks(range, db) else {
            return nil
        }
        let newest = try RawRows(db, "SELECT max(id) FROM interval_rows WHERE id >= ? AND id < ?")
        var spells = 0
        for tick in ticks.first...ticks.last {
            let from = IntervalID.id(span: 0, tick: tick)
            try newest.forEach([from, IntervalID.id(span: 0, tick: tick + 1)]) { row in
                if row.integer(0) >= from, row.integer(0) != 0 { spells += Int(row.integer(0) - from) + 1 }
            }
        }
        guard spells > limit else { return nil }
        let stride = (spells + limit - 1) / limit
        self.spells = spells
        first = ticks.first
        var (ends, chosenBefore): ([UInt64], [Int]) = ([], [0])
        var runs: [ClosedRange<Int64>] = []
        for tick in ticks.first...ticks.newest {
            let isChosen = tick <= ticks.last && Int(tick - ticks.first) % stride == 0
            if isChosen { runs.append(tick...tick) }
            ends.append(ticks.ends[tick] ?? ends.last ?? 0)
            chosenBefore.append((chosenBefore.last ?? 0) + (isChosen ? 1 : 0))
        }
        (self.runs, self.ends, self.chosenBefore) = (runs, ends, chosenBefore)
    }

    /// Whether a stretch of time reaches into a chosen tick.
    func touches(_ from: UInt64, _ to: UInt64) -> Bool {
        let begin = index(of: from)
        let end = min(index(of: to), ends.count - 1)
        return begin <= end && chosenBefore[end + 1] > chosenBefore[begin]
    }

    /// What of these slices lies in chosen ticks.
    func clip(_ slices: [IntervalSlice]) -> [IntervalSlice] {
        let times = runs.map { run in
            let index = Int(run.lowerBound - first)
            return (from: index == 0 ? 0 : ends[index - 1], to: ends[Int(run.upperBound - first)])
        }
        var clipped: [IntervalSlice] = []
        var next = 0
        for slice in slices {
            while next < times.count, times[next].to <= slice.from { next += 1 }
            var index = next
            while index < times.count, times[index].from < slice.to {
                let (from, to) = (max(slice.from, times[index].from), min(slice.to, times[index].to))
                if from < to { clipped.append(IntervalSlice(from: from, to: to)) }
                index += 1
            }
        }
        return clipped
    }

    /// Index of the first tick that ends at `time` or later.
    private func index(of time: UInt64) -> Int {
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] < time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
