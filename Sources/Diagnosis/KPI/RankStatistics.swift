import Glibc

/// Tests that look at ranks only, and so at no shape of distributions.
enum RankStatistics {
    /// Ranks from 1, equal values sharing the mean of theirs; and the sum of `t^3 - t` over the groups of `t` equal ones.
    static func ranks(_ values: [Double]) -> (ranks: [Double], ties: Double) {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = Array(repeating: 0.0, count: values.count)
        var ties = 0.0
        var begin = 0
        while begin < order.count {
            var end = begin
            while end < order.count, values[order[end]] == values[order[begin]] { end += 1 }
            for place in begin..<end { ranks[order[place]] = Double(begin + end + 1) / 2 }
            let group = Double(end - begin)
            ties += group * group * group - group
            begin = end
        }
        return (ranks, ties)
    }

    /// A series that others are correlated with, ranked once.
    struct Ranks {
        let deviations: [Double]
        let squares: Double

        init(_ values: [Double]) {
            let mean = Double(values.count + 1) / 2
            deviations = RankStatistics.ranks(values).ranks.map { $0 - mean }
            squares = deviations.reduce(0) { $0 + $1 * $1 }
        }
    }

    /// Spearman's rank correlation of two series of the same length, and the probability of one as large by chance
    /// (two-sided, by Fisher's transformation with the variance for ranks of Bonett and Wright, 2000).
    static func spearman(_ values: [Double], _ other: Ranks) -> (rho: Double, p: Double) {
        let count = values.count
        guard count >= 4, count == other.deviations.count else { return (0, 1) }
        let own = Ranks(values)
        guard own.squares > 0, other.squares > 0 else { return (0, 1) }
        let cross = zip(own.deviations, other.deviations).reduce(0) { $0 + $1.0 * $1.1 }
        let rho = max(-1, min(1, cross / (own.squares * other.squares).squareRoot()))
        let spread = ((1 + rho * rho / 2) / Double(max(1, count - 3))).squareRoot()
        return (rho, twoSided(atanh(min(0.999999, abs(rho))) / spread))
    }

    /// Mann and Whitney's test: how likely a value of `left` is above one of `right` (0 to 1, ties half), and the
    /// probability of such a difference by chance (two-sided, normal approximation with correction for ties).
    static func mannWhitney(_ left: [Double], _ right: [Double]) -> (above: Double, p: Double) {
        let (m, n) = (Double(left.count), Double(right.count))
        guard m >= 2, n >= 2 else { return (0.5, 1) }
        let (ranks, ties) = ranks(left + right)
        let sum = ranks.prefix(left.count).reduce(0, +)
        let u = sum - m * (m + 1) / 2
        let all = m + n
        let variance = m * n / 12 * (all + 1 - ties / (all * (all - 1)))
        guard variance > 0 else { return (0.5, 1) }
        let distance = max(0, abs(u - m * n / 2) - 0.5)
        return (u / (m * n), twoSided(distance / variance.squareRoot()))
    }

    /// Probability of a normal deviate as far out on either side.
    private static func twoSided(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) }

    /// Benjamini and Hochberg's correction: for each p the share of false finds among all at least as good.
    static func falseDiscoveryRates(_ ps: [Double]) -> [Double] {
        let order = ps.indices.sorted { ps[$0] > ps[$1] }
        var rates = ps
        var least = 1.0
        for (place, index) in order.enumerated() {
            least = min(least, ps[index] * Double(ps.count) / Double(ps.count - place))
            rates[index] = least
        }
        return rates
    }
}
