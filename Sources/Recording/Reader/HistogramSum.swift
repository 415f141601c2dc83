import GRDB
import Model

/// The SQL aggregate `histogram_sum(histogram)`, which adds histograms slot by slot.
struct HistogramSum: DatabaseAggregate {
    static var function: DatabaseFunction {
        DatabaseFunction("histogram_sum", argumentCount: 1, pure: true, aggregate: HistogramSum.self)
    }

    private var sum = HistogramAccumulator()

    mutating func step(_ values: [DatabaseValue]) {
        guard let text = values.first.flatMap(String.fromDatabaseValue), text.utf8.count > 2 else { return }
        sum.add(json: text)
    }

    func finalize() -> (any DatabaseValueConvertible)? { sum.histogram.json }
}
