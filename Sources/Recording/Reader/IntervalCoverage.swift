import Model

/// How much of a time all single spells off the CPU are known of.
public struct IntervalCoverage: Sendable, Equatable {
    /// Nanoseconds.
    public var seen: UInt64
    public var duration: UInt64
}

extension Recording {
    /// How much of a stretch's ticks the slices are; nil where there are none.
    public func intervalCoverage(_ filter: Filter = Filter()) throws(RecordingError) -> IntervalCoverage? {
        let ticks = try ticks(filter)
        guard let first = ticks.first, let last = ticks.last else { return nil }
        let begin = first.time &- first.duration
        let slices = try intervalSlices(in: begin..<max(begin, last.time))
        let seen = slices.reduce(0) { $0 + ($1.to - $1.from) }
        return seen == 0 ? nil : IntervalCoverage(seen: seen, duration: ticks.reduce(0) { $0 + $1.duration })
    }
}
