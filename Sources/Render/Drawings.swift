import Model

/// Shares and distributions as characters.
public enum Drawings {
    /// Shares of a whole, stacked: each part takes its share of `width` cells of its own character.
    ///
    /// Cells go to the largest remainders, so a bar is always `width` cells if the parts add up to `whole`.
    public static func bar(_ parts: [(value: UInt64, cell: Character)], of whole: UInt64, width: Int)
        -> String
    {
        guard whole > 0 else { return String(repeating: " ", count: width) }
        let exact = parts.map { Double($0.value) / Double(whole) * Double(width) }
        var cells = exact.map { Int($0) }
        let total = min(width, Int(exact.reduce(0, +).rounded()))
        let byRemainder = exact.indices.sorted {
            exact[$0] - exact[$0].rounded(.down) > exact[$1] - exact[$1].rounded(.down)
        }
        for index in byRemainder where cells.reduce(0, +) < total { cells[index] += 1 }
        let drawn = zip(parts, cells).map { String(repeating: String($0.cell), count: $1) }.joined()
        return drawn + String(repeating: " ", count: max(0, width - drawn.count))
    }

    /// A thread's states: `█` on a CPU, `░` waking, `▒` in the run queue, `╳` blocked uninterruptibly, `·` blocked.
    public static func states(_ sample: ThreadSample, width: Int = 20) -> String {
        bar(
            [
                (sample.onCPU, "█"), (sample.waking, "░"), (sample.runQueue, "▒"),
                (sample.uninterruptible, "╳"), (sample.interruptible, "·"),
            ], of: sample.alive, width: width)
    }

    public static let stateLegend = "█ on CPU  ░ waking  ▒ run queue  ╳ blocked, uninterruptible  · blocked"

    /// A distribution as one line: its ends, and between them a column for each power of two, as high as it
    /// is frequent.  `1.02 µs ▁▃█▂ 8.19 µs`; empty for an empty histogram.
    public static func distribution(_ histogram: Histogram) -> String {
        guard let last = histogram.counts.indices.last,
            let first = histogram.counts.firstIndex(where: { $0 > 0 }),
            let highest = histogram.counts.max()
        else { return "" }
        let levels = Array("▁▂▃▄▅▆▇█")
        let columns = histogram.counts[first...last].map { count -> Character in
            if count == 0 { return " " }
            // Square roots keep rare long durations visible beside frequent short ones.
            let height = (Double(count) / Double(highest)).squareRoot()
            return levels[min(levels.count - 1, Int(height * Double(levels.count - 1) + 0.5))]
        }
        let from = first == 0 ? "0" : Units.duration(Histogram.lowerBound(ofSlot: first))
        let to =
            last == Histogram.slotCount - 1
            ? "∞" : Units.duration(Histogram.lowerBound(ofSlot: last + 1))
        return "\(from) ▕\(String(columns))▏ \(to)"
    }
}
