import GRDB
import Model

/// Everything that changes over a recording, by bins of time: what a picture of it is drawn from.
///
/// A bin is a tick, or several where the recording has more than can be told apart.  All durations are nanoseconds.
public struct Timeline: Sendable {
    /// When each bin began and ended, ns since the Unix epoch, in order.
    public var bins: [Range<UInt64>] = []
    /// How many bins a ``TimelineWait/lengths`` stands for.
    public var histogramBins = 1
    /// In the order of their first appearance.
    public var threads: [TimelineThread] = []
    public var waits: [TimelineWait] = []
    public var occupants: [TimelineOccupant] = []
    public var block: [TimelineBlock] = []
    public var pages: [TimelinePages] = []
}

/// A value of one bin, of a series that has none where it is 0.
public struct BinValue: Sendable, Equatable {
    public var bin: UInt32
    public var count: UInt32
    /// Nanoseconds, or what else the series counts.
    public var value: UInt64

    public init(bin: UInt32, count: UInt32 = 0, value: UInt64) {
        (self.bin, self.count, self.value) = (bin, count, value)
    }
}

/// Time of one thread on a CPU and waiting for one; its blocked time is that of its ``TimelineWait``s.
public struct TimelineThread: Sendable {
    public var thread: Int64
    public var pid: UInt32
    public var tid: UInt32
    /// The latest names.
    public var comm: String
    public var processComm: String
    public var onCPU: [BinValue] = []
    /// Waking included.
    public var runQueue: [BinValue] = []
}

/// Waits of one thread that have subject and waker in common.
public struct TimelineWait: Sendable {
    /// Sums over the recording, with names.
    public var wait: WaitTotal
    public var values: [BinValue]
    /// Lengths of the waits that ended, by stretches of ``Timeline/histogramBins`` bins; those without any are left out.
    public var lengths: [(stretch: UInt32, lengths: Histogram)]
}

/// Run-queue time of one thread by who had the CPU.
public struct TimelineOccupant: Sendable {
    public var occupant: OccupantTotal
    public var values: [BinValue]
}

/// Requests of one process to one block device.
public struct TimelineBlock: Sendable {
    public var device: String
    /// `RequestOperation.name`.
    public var operation: String
    public var pid: UInt32?
    public var comm: String?
    /// At the device, with how many requests were completed.
    public var deviceTime: [BinValue] = []
    public var queueTime: [BinValue] = []
    public var bytes: [BinValue] = []
}

/// What a process did with a file through the page cache, in pages.
public struct TimelinePages: Sendable {
    public var file: String
    public var pid: UInt32?
    public var comm: String?
    /// Empty where the kernel does not tell.
    public var lookups: [BinValue] = []
    public var misses: [BinValue] = []
    public var readIn: [BinValue] = []
    public var dirtied: [BinValue] = []
    public var evicted: [BinValue] = []
}

extension Recording {
    /// Loads the whole recording by bins of time.  An hour of a thousand threads takes some hundred megabytes.
    ///
    /// - Parameters:
    ///   - limit: the most bins.
    ///   - histogramLimit: the most stretches for which lengths of waits are told apart.
    public func timeline(
        atMost limit: Int = 3_600, histograms histogramLimit: Int = 120
    ) throws(RecordingError) -> Timeline {
        let ticks = try ticks()
        // Of a recording that is being written, everything ends with the same tick.
        var filter = Filter()
        filter.to = ticks.last?.time
        return try read { db in
            let axis = BinAxis(ticks, atMost: limit)
            var timeline = Timeline()
            timeline.bins = axis.bins
            timeline.histogramBins = max(1, (axis.bins.count + histogramLimit - 1) / max(1, histogramLimit))
            guard !axis.bins.isEmpty else { return timeline }
            let selection = try Selection(filter, db)
            timeline.threads = try TimelineThreads(selection, axis).load(db)
            var waits = TimelineWaits(selection, axis, histogramBins: timeline.histogramBins)
            timeline.waits = try waits.load(db)
            timeline.occupants = try TimelineOccupants(selection, axis).load(db)
            timeline.block = try TimelineResources(axis).block(db)
            timeline.pages = try TimelineResources(axis).pages(db)
            return timeline
        }
    }
}

/// Which bin each tick belongs to.
struct BinAxis {
    let bins: [Range<UInt64>]
    let firstTick: Int64
    let lastTick: Int64
    private let size: Int
    /// By tick, from ``firstTick`` on; a tick that is missing has none.
    private let durations: [UInt64]

    init(_ ticks: [Tick], atMost limit: Int) {
        firstTick = ticks.first?.number ?? 0
        lastTick = max(firstTick, ticks.last?.number ?? 0)
        let count = ticks.isEmpty ? 0 : Int(clamping: lastTick - firstTick) + 1
        // A damaged file may number its ticks in any way: then they are not worth a bin each.
        let known = min(count, max(ticks.count * 2, 1 << 20))
        size = max(1, (known + limit - 1) / max(1, limit))
        var durations = Array(repeating: UInt64(0), count: known)
        var bins = Array(repeating: UInt64.max..<UInt64.max, count: (known + size - 1) / size)
        for tick in ticks {
            let index = Int(clamping: tick.number - firstTick)
            guard index < known else { continue }
            durations[index] = tick.duration
            let begin = tick.time &- min(tick.duration, tick.time)
            let bin = bins[index / size]
            bins[index / size] =
                bin.isEmpty ? begin..<tick.time : min(bin.lowerBound, begin)..<max(bin.upperBound, tick.time)
        }
        // A bin without a tick lies where its neighbours let it.
        var end = ticks.first.map { $0.time &- min($0.duration, $0.time) } ?? 0
        for index in bins.indices {
            let bin = bins[index].lowerBound == .max ? end..<end : bins[index]
            bins[index] = max(bin.lowerBound, end)..<max(bin.upperBound, end)
            end = bins[index].upperBound
        }
        (self.durations, self.bins) = (durations, bins)
    }

    /// nil if the tick is none of these.
    func bin(of tick: Int64) -> UInt32? {
        let index = tick &- firstTick
        return index >= 0 && index < Int64(durations.count) ? UInt32(Int(index) / size) : nil
    }

    /// Adds the ticks of an idle run to a series, whose ends are so far from those of its ticks.
    func add(
        _ first: Int64, _ last: Int64, beginOffset: Int64, endOffset: Int64, to values: inout [BinValue]
    ) {
        let from = max(first, firstTick)
        let to = min(last, firstTick + Int64(durations.count) - 1)
        guard from <= to else { return }
        for tick in from...to {
            let index = Int(tick - firstTick)
            var duration = durations[index]
            if tick == first { duration &-= UInt64(bitPattern: beginOffset) }
            if tick == last { duration &+= UInt64(bitPattern: endOffset) }
            values.add(duration, bin: UInt32(index / size))
        }
    }
}

extension [BinValue] {
    /// Rows mostly come in the order of time, so the last value is mostly the one.
    mutating func add(_ value: UInt64, count: UInt64 = 0, bin: UInt32) {
        guard value > 0 || count > 0 else { return }
        if let last = indices.last, self[last].bin == bin {
            self[last].value &+= value
            self[last].count = UInt32(clamping: UInt64(self[last].count) &+ count)
        } else {
            append(BinValue(bin: bin, count: UInt32(clamping: count), value: value))
        }
    }

    /// In the order of time, with one value for each bin.
    public var merged: [BinValue] {
        var isSorted = true
        for index in indices.dropFirst() where self[index - 1].bin >= self[index].bin { isSorted = false }
        if isSorted { return self }
        var sums: [BinValue] = []
        for value in sorted(by: { $0.bin < $1.bin }) {
            sums.add(value.value, count: UInt64(value.count), bin: value.bin)
        }
        return sums
    }
}
