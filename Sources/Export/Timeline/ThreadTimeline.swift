import Model

/// What one thread did, as stretches of time one after another, put together from its spells off the CPU.
///
/// Between two spells a thread was on a CPU, but only where all spells are known: within slices.
struct ThreadTimeline {
    /// A stretch on a CPU.
    typealias Stretch = Range<UInt64>

    /// Until when all is told.
    private var told: UInt64
    private var slice: Int

    /// - Parameters:
    ///   - from: since when the thread was watched.
    ///   - slices: of the recording, in order.
    init(from: UInt64, _ slices: [IntervalSlice]) {
        told = from
        // The first that has not ended by then.
        var (low, high) = (0, slices.count)
        while low < high {
            let middle = (low + high) / 2
            if slices[middle].to <= from { low = middle + 1 } else { high = middle }
        }
        slice = low
    }

    /// The thread's next spell.
    /// - Returns: when it was on a CPU before it, as far as that is known.
    mutating func add(_ spell: Interval, _ slices: [IntervalSlice]) -> [Stretch] {
        let stretches = onCPU(until: spell.left, slices)
        told = max(told, spell.ran)
        return stretches
    }

    /// When it was on a CPU from all that was told up to `end`.
    mutating func onCPU(until end: UInt64, _ slices: [IntervalSlice]) -> [Stretch] {
        var stretches: [Stretch] = []
        while slice < slices.count, slices[slice].from < end {
            let (from, to) = (max(told, slices[slice].from), min(end, slices[slice].to))
            if from < to { stretches.append(from..<to) }
            // The slice goes on after this spell.
            if slices[slice].to > end { break }
            slice += 1
        }
        return stretches
    }
}
