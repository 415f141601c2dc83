import Testing

@testable import Diagnosis

@Suite struct RankStatisticsTests {
    /// `scipy.stats.spearmanr([1,2,3,4,5,6,7,8], [2,1,4,3,7,5,8,6])`: 0.833..., p = 0.0102.
    @Test func spearmanIsThatOfTheBooks() {
        let (rho, p) = RankStatistics.spearman([1, 2, 3, 4, 5, 6, 7, 8], .init([2, 1, 4, 3, 7, 5, 8, 6]))
        #expect(abs(rho - 0.8333) < 0.001)
        #expect(p > 0.003 && p < 0.03, "\(p)")
    }

    @Test func equalValuesShareTheirRanks() {
        let (ranks, ties) = RankStatistics.ranks([3, 1, 3, 2, 3])
        #expect(ranks == [4, 1, 4, 2, 4])
        #expect(ties == 24)
        #expect(RankStatistics.spearman([1, 1, 1, 1], .init([1, 2, 3, 4])) == (0, 1))
    }

    /// `scipy.stats.mannwhitneyu([6,7,8,9,10], [1,2,3,4,5], method="asymptotic")`: U = 25, p = 0.0122.
    @Test func mannAndWhitneyIsThatOfTheBooks() {
        let (above, p) = RankStatistics.mannWhitney([6, 7, 8, 9, 10], [1, 2, 3, 4, 5])
        #expect(above == 1)
        #expect(abs(p - 0.0122) < 0.0005, "\(p)")
    }

    @Test func aCorrectionForManyNeverFindsMore() {
        let ps = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
        let rates = RankStatistics.falseDiscoveryRates(ps)
        // As in Benjamini and Hochberg's procedure: 0.05 takes the first two.
        #expect(rates.filter { $0 <= 0.05 }.count == 2)
        #expect(zip(ps, rates).allSatisfy { $0 <= $1 })
        #expect(abs(rates[0] - 0.01) < 1e-9)
    }

    @Test(arguments: 0..<20) func ofManyMetricsTheOneThatMovesIsFound(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let kpi = (0..<40).map {
            $0 < 20 ? Double.random(in: 9...11, using: &random) : .random(in: 27...33, using: &random)
        }
        var metrics = (0..<200).map { number in
            MetricSeries(
                metric: "noise", subject: "\(number)",
                values: (0..<40).map { _ in .random(in: 0...1, using: &random) })
        }
        metrics.append(
            MetricSeries(
                metric: "cause", subject: "it", values: kpi.map { $0 + .random(in: 0...2, using: &random) }))
        let ranking = KPIRanking(metrics, kpi: kpi, higherIsBetter: false)
        #expect(ranking.findings.first?.metric == "cause")
        #expect(ranking.findings.filter { $0.falseDiscoveryRate < 0.01 }.count == 1)
        #expect(ranking.window == 20..<40)
    }

    @Test func aKPIIsTheMeanOfItsTick() {
        let series = KPISeries(
            points: [(5, 1), (10, 3), (11, 10), (25, 7), (99, 1)], higherIsBetter: false)
        let means = series.means(over: [10, 20, 30].map { MetricBin(end: $0, length: 10) })
        #expect(means == [2, 10, 7])
        let unknown = series.means(over: [MetricBin(end: 60, length: 10)])
        #expect(unknown.count == 1 && unknown[0].isNaN)
    }
}
