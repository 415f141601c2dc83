import Diagnosis
import Model

/// Metrics that move with an application's own KPI, for a terminal.
public enum KPIText {
    /// - Parameter bins: those that the indices of the ranking are of.
    public static func render(_ ranking: KPIRanking, bins: [MetricBin], top: Int = 8) -> String {
        var lines = [
            "",
            "What moves with the KPI (it has a value in \(ranking.bins) of \(bins.count) stretches of \(Units.duration(bins.first?.length ?? 0)))",
        ]
        if let window = ranking.window, let first = bins[window].first, let last = bins[window].last {
            lines.append(
                "  bad from \(WallClock.text(first.end - min(first.length, first.end))) to \(WallClock.timeOfDay(last.end)), compared "
                    + "with the rest")
        } else {
            lines.append("  the KPI has no clear change, so only its correlation with each metric counts")
        }
        var table = TextTable(
            [
                ("METRIC", .left), ("OF", .left), ("CORRELATION", .right), ("HIGHER WHEN BAD", .right),
                ("WHEN BAD", .right), ("WHEN GOOD", .right), ("BY CHANCE", .right),
            ], widest: 56)
        let shown = ranking.findings.filter { $0.falseDiscoveryRate < 0.05 }.prefix(top)
        for finding in shown {
            let isTime = finding.metric.hasSuffix("_ns")
            func value(_ mean: Double) -> String {
                if ranking.window == nil { return "" }
                return isTime ? Units.duration(UInt64(max(0, mean))) : Units.digits(max(0, mean))
            }
            table.add([
                finding.metric, finding.subject, Units.fixed(finding.correlation, 2),
                finding.higherWhenBad.map(Units.percent) ?? "", value(finding.meanWhenBad),
                value(finding.meanWhenGood),
                Units.percent(finding.falseDiscoveryRate),
            ])
        }
        if shown.isEmpty {
            lines.append("  no metric moves with it by more than chance (5 % false finds among all)")
        } else {
            lines += table.lines(indent: 2)
        }
        return lines.map(TerminalText.safe).joined(separator: "\n") + "\n"
    }
}
