/// A stretch of a recording over which metrics are summed up: one tick or several.
public struct MetricBin: Sendable, Equatable {
    /// Nanoseconds since the Unix epoch.
    public var end: UInt64
    /// Nanoseconds.
    public var length: UInt64

    public init(end: UInt64, length: UInt64) { (self.end, self.length) = (end, length) }
}

/// One number of a recording, by bins.
public struct MetricSeries: Sendable {
    /// `run_queue_ns`, `wait_ns`, ...
    public var metric: String
    /// Of what: a thread, a device, a cgroup, with the resource or other side.
    public var subject: String
    public var values: [Double]

    public init(metric: String, subject: String, values: [Double]) {
        self.metric = metric
        self.subject = subject
        self.values = values
    }
}

/// The application's own measure of how well it does.
public struct KPISeries: Sendable {
    /// Nanoseconds since the Unix epoch, and the value then.
    public var points: [(time: UInt64, value: Double)]
    /// Throughput rather than latency.
    public var higherIsBetter: Bool

    public init(points: [(time: UInt64, value: Double)], higherIsBetter: Bool) {
        (self.points, self.higherIsBetter) = (points, higherIsBetter)
    }

    /// Means over bins; nan where there is no value.
    public func means(over bins: [MetricBin]) -> [Double] {
        var sums = Array(repeating: (sum: 0.0, count: 0), count: bins.count)
        let sorted = points.sorted { $0.time < $1.time }
        var index = 0
        for point in sorted {
            while index < bins.count, bins[index].end < point.time { index += 1 }
            guard index < bins.count else { break }
            guard point.time + bins[index].length >= bins[index].end, point.value.isFinite else { continue }
            sums[index].sum += point.value
            sums[index].count += 1
        }
        return sums.map { $0.count == 0 ? .nan : $0.sum / Double($0.count) }
    }
}

/// A metric that moves with the KPI.
public struct KPIFinding: Sendable, Equatable {
    public var metric: String
    public var subject: String
    /// Spearman's correlation with how bad the KPI is: 1 means that the two grow together.
    public var correlation: Double
    /// Probability that the metric is higher in the bad stretch than in the good one; nil if the KPI has no such two.
    public var higherWhenBad: Double?
    /// Of findings at least as good as this one, the share that chance alone brings (0 to 1).
    public var falseDiscoveryRate: Double
    /// Means per bin.
    public var meanWhenBad: Double
    public var meanWhenGood: Double
}

/// Ranks all metrics of a recording by how they shift with the application's own KPI: a second opinion beside the blame
/// verdict, which knows nothing of causes.
public struct KPIRanking: Sendable {
    public var findings: [KPIFinding]
    /// Indices of bins in which the KPI was bad, and those that it is compared with; nil if it has no clear change.
    public var window: Range<Int>?
    public var baseline: [Range<Int>]
    /// Bins in which the KPI has a value.
    public var bins: Int

    /// A KPI must get this many times as bad for a stretch of it to be set apart.
    static let leastChange = 1.2

    /// - Parameter kpi: one value for each bin, nan where there is none.
    public init(_ metrics: [MetricSeries], kpi: [Double], higherIsBetter: Bool) {
        let known = kpi.indices.filter { kpi[$0].isFinite }
        let badness = known.map { higherIsBetter ? -kpi[$0] : kpi[$0] }
        let scale = kpi.map { value in higherIsBetter ? (value > 0 ? 1 / value : .nan) : value }
        let change = Segments.change(in: scale, ratio: Self.leastChange)
        window = change?.window
        baseline = change?.baseline ?? []
        bins = known.count
        let bad = known.filter { change?.window.contains($0) == true }
        let good = known.filter { index in change?.baseline.contains { $0.contains(index) } == true }
        var found: [KPIFinding] = []
        var ps: [Double] = []
        let ranks = RankStatistics.Ranks(badness)
        for series in metrics where series.values.count(where: { $0 != 0 }) >= 3 {
            let values = known.map { series.values[$0] }
            let (rho, p) = RankStatistics.spearman(values, ranks)
            let (high, low) = (bad.map { series.values[$0] }, good.map { series.values[$0] })
            let shift = change == nil ? nil : RankStatistics.mannWhitney(high, low)
            // Both must agree: the weaker one counts.
            ps.append(max(p, shift?.p ?? 0))
            found.append(
                KPIFinding(
                    metric: series.metric, subject: series.subject, correlation: rho,
                    higherWhenBad: shift?.above,
                    falseDiscoveryRate: 1, meanWhenBad: Self.mean(high), meanWhenGood: Self.mean(low)))
        }
        for (index, rate) in RankStatistics.falseDiscoveryRates(ps).enumerated() {
            found[index].falseDiscoveryRate = rate
        }
        findings = found.sorted { left, right in
            // What is as sure as can be is ranked by how closely it follows.
            let (first, second) = (max(left.falseDiscoveryRate, 1e-6), max(right.falseDiscoveryRate, 1e-6))
            if first != second { return first < second }
            if abs(left.correlation) != abs(right.correlation) {
                return abs(left.correlation) > abs(right.correlation)
            }
            return (left.metric, left.subject) < (right.metric, right.subject)
        }
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }
}
