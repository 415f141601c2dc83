import Model

/// What the service time of each second went to: sums over any seconds are those that a diagnosis of them compares.
///
/// Only the sums are: which of two stretches is a bottleneck, and whether there is one, says ``Diagnoser/diagnose(_:against:)``.
public struct Composition: Sendable {
    /// A cause with its time in each bin.
    public struct Part: Sendable {
        /// Over the whole recording.
        public var cause: Cause
        /// Nanoseconds by bins, in order; bins without any are left out.
        public var times: [(bin: Int, time: UInt64)]
    }

    /// Nanoseconds since the Unix epoch.
    public var start: UInt64
    /// Length of a bin, ns.
    public var width: UInt64
    public var bins: Int
    /// Time of the entry threads in which nobody missed them, ns by bins.
    public var idle: [UInt64]
    /// Service time, each part times the share of its thread's second that was service: divided by the service time it is
    /// how busy threads were while they served.  ns by bins.
    public var pressed: [UInt64]
    /// Pieces of work that began, by bins.
    public var units: [Int]
    /// The largest first.
    public var parts: [Part]
}

extension Diagnoser {
    public func composition() -> Composition {
        let whole = Ranking(evidence, entries.ledger, [0..<bins], times: [start..<end])
        let judgement = Judgement(window: whole, baseline: nil)
        let finder = CulpritFinder(evidence, window: start..<end)
        var times: [Ranking.Identity: [(bin: Int, time: UInt64)]] = [:]
        var composition = Composition(
            start: start, width: Self.width, bins: bins, idle: Array(repeating: 0, count: bins),
            pressed: Array(repeating: 0, count: bins), units: Array(repeating: 0, count: bins), parts: [])
        for index in 0..<bins {
            guard let bin = entries.ledger.bins[index] else { continue }
            composition.idle[index] = bin.idle
            composition.pressed[index] = UInt64(bin.pressed)
            composition.units[index] = bin.units
            var sums: [Ranking.Identity: UInt64] = [:]
            for (key, time) in bin.causes { sums[whole.identity(of: key), default: 0] += time }
            for (identity, time) in sums { times[identity, default: []].append((index, time)) }
        }
        composition.parts = judgement.ranked.map { identity in
            Composition.Part(
                cause: cause(identity, whole, judgement, finder), times: times[identity] ?? [])
        }
        return composition
    }
}
