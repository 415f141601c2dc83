import Glibc

/// A stretch of bins that is worse than the rest of the recording.
struct Change: Equatable {
    var window: Range<Int>
    /// What it is compared with: what came before, after, or both.
    var baseline: [Range<Int>]
}

/// Finds where service became worse: the stretch of time that, set apart from the rest, leaves the two most uniform in
/// themselves (the largest sum of squares between the two groups, over logarithms).
enum Segments {
    /// Fewest bins of a stretch.
    static let shortest = 3
    /// The two groups must explain at least this share of what the values vary.
    private static let leastExplained = 0.5

    /// - Parameters:
    ///   - values: one for each bin, the larger the worse; nan where nothing is known.
    ///   - ratio: how much worse (a factor) the window must be for it to be a change.
    /// - Returns: nil if no stretch is that much worse.
    static func change(in values: [Double], ratio: Double) -> Change? {
        let known = values.indices.filter { !values[$0].isNaN && values[$0] > 0 }
        let count = known.count
        guard count >= 2 * shortest else { return nil }
        let logs = known.map { log(values[$0]) }
        let sums = logs.reduce(into: [0.0]) { $0.append($0[$0.count - 1] + $1) }
        let mean = sums[count] / Double(count)
        let total = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        var best: (between: Double, from: Int, to: Int)?
        for from in 0..<count {
            let last = from == 0 ? count - shortest : count
            guard from == 0 || from >= shortest else { continue }
            for to in stride(from: from + shortest, through: last, by: 1) {
                guard to == count || count - to >= shortest else { continue }
                let inside = Double(to - from)
                let outside = Double(count - (to - from))
                guard outside >= Double(shortest) else { continue }
                let sum = sums[to] - sums[from]
                let difference = sum / inside - (sums[count] - sum) / outside
                guard difference > 0 else { continue }
                let between = difference * difference * inside * outside / Double(count)
                if between > best?.between ?? 0 { best = (between, from, to) }
            }
        }
        guard let best, total > 0, best.between >= leastExplained * total else { return nil }
        let inside = (sums[best.to] - sums[best.from]) / Double(best.to - best.from)
        let outside =
            (sums[count] - (sums[best.to] - sums[best.from])) / Double(count - (best.to - best.from))
        guard inside - outside >= log(ratio) else { return nil }
        let window = known[best.from]..<(known[best.to - 1] + 1)
        let ends = [0..<window.lowerBound, window.upperBound..<values.count]
        return Change(window: window, baseline: ends.filter { !$0.isEmpty })
    }
}
