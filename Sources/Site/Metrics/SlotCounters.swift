/// Counters of many subjects, of which so many have a series of their own, and all others one together.
///
/// Every series only grows.  So a subject that has a slot keeps it, and what was counted for it before it had one stays with
/// the others.
struct SlotCounters<Subject: Hashable> {
    /// For each subject, a value of each of the metrics.
    private(set) var slots: [(subject: Subject, values: [Double])] = []
    private(set) var rest: [Double]
    private var index: [Subject: Int] = [:]
    private let limit: Int
    private var isFirst = true

    /// Of what came since the last time, the share from which on a subject is worth one of the slots that are left.
    private static var worth: Double { 0.01 }

    /// - Parameter metrics: how many values each subject has.
    init(limit: Int, metrics: Int) {
        self.limit = limit
        rest = Array(repeating: 0, count: metrics)
    }

    /// - Parameter more: what came since the last time; subjects with a larger `weight` come first.
    mutating func add(_ more: [Subject: [Double]], weight: ([Double]) -> Double) {
        let whole = more.values.reduce(0) { $0 + weight($1) }
        // Some slots are left for those that are large later.
        let atFirst = isFirst ? limit * 3 / 4 : limit
        let sorted = more.sorted { weight($0.value) > weight($1.value) }
        for (subject, values) in sorted {
            if index[subject] == nil, slots.count < atFirst, weight(values) > 0,
                isFirst || weight(values) >= whole * Self.worth
            {
                index[subject] = slots.count
                slots.append((subject, Array(repeating: 0, count: rest.count)))
            }
            if let place = index[subject] {
                for metric in rest.indices { slots[place].values[metric] += values[metric] }
            } else {
                for metric in rest.indices { rest[metric] += values[metric] }
            }
        }
        if !more.isEmpty { isFirst = false }
    }
}
