/// One cause, as a victim meets it.
struct CauseKey: Hashable, Sendable {
    var terminal: Terminal
    /// See ``Evidence/via(_:)``.
    var via: String
}

/// Where the time of one thread or of several went, by causes and by bins of time.
struct Ledger: Sendable {
    /// What a stretch of time holds.  All durations are nanoseconds, of the slices that were seen.
    struct Bin: Sendable {
        var idle: UInt64 = 0
        /// Idle waits that ended: work that began.
        var units = 0
        /// Service time, each part times the share of its thread's second that was service: divided by ``service``, how
        /// busy threads are while they have something to do, whatever the number of those that have nothing.
        var pressed: Double = 0
        var causes: [CauseKey: UInt64] = [:]

        var service: UInt64 { causes.values.reduce(0, +) }

        static func += (left: inout Bin, right: Bin) {
            left.idle += right.idle
            left.units += right.units
            left.pressed += right.pressed
            left.causes.merge(right.causes, uniquingKeysWith: +)
        }
    }

    /// Paths to a cause, the ways through which most of its time came.
    struct Path: Sendable {
        var hops: [Hop]
        var time: UInt64
    }

    let start: UInt64
    /// Length of a bin, ns.
    let width: UInt64
    private(set) var bins: [Int: Bin] = [:]
    private(set) var paths: [CauseKey: [Path]] = [:]

    /// Different paths that are kept for a cause; what comes by others counts for the cause all the same.
    private static let pathLimit = 32
    /// Steps of a path that are kept.
    private static let pathLength = 8

    init(start: UInt64, width: UInt64) {
        self.start = start
        self.width = max(1, width)
    }

    func sum(_ range: Range<Int>) -> Bin {
        bins.reduce(into: Bin()) { sum, bin in
            if range.contains(bin.key) { sum += bin.value }
        }
    }

    mutating func addIdle(_ from: UInt64, _ to: UInt64) {
        forEachBin(from, to) { $0.idle += $1 }
    }

    mutating func addUnit(at time: UInt64) { bins[index(of: time), default: Bin()].units += 1 }

    mutating func add(_ from: UInt64, _ to: UInt64, _ key: CauseKey, _ hops: ArraySlice<Hop>) {
        forEachBin(from, to) { $0.causes[key, default: 0] += $1 }
        let steps = hops.prefix(Self.pathLength)
        var known = paths[key] ?? []
        if let index = known.firstIndex(where: { Self.isSameWay($0.hops[...], steps) }) {
            known[index].time += to - from
        } else if known.count < Self.pathLimit {
            known.append(Path(hops: Array(steps), time: to - from))
        } else {
            return
        }
        paths[key] = known
    }

    mutating func add(_ other: Ledger) {
        bins.merge(other.bins) { left, right in
            var sum = left
            sum += right
            return sum
        }
        for (key, list) in other.paths {
            var known = paths[key] ?? []
            for path in list {
                if let index = known.firstIndex(where: { Self.isSameWay($0.hops[...], path.hops[...]) }) {
                    known[index].time += path.time
                } else {
                    known.append(path)
                }
            }
            known.sort { $0.time > $1.time }
            paths[key] = Array(known.prefix(Self.pathLimit))
        }
    }

    /// Time of the paths that lead through a thread, ns.
    func time(through thread: Int32) -> UInt64 {
        paths.values.reduce(0) { sum, list in
            list.reduce(sum) { $0 + ($1.hops.contains { $0.wakerThread == thread } ? $1.time : 0) }
        }
    }

    /// To be called once, when all of a thread's time is in.
    mutating func weigh() {
        for (index, bin) in bins {
            let service = Double(bin.service)
            bins[index]?.pressed = service == 0 ? 0 : service * service / (service + Double(bin.idle))
        }
    }

    /// Whether two paths differ in nothing but whose wait they begin with.
    private static func isSameWay(_ left: ArraySlice<Hop>, _ right: ArraySlice<Hop>) -> Bool {
        guard left.count == right.count, let first = left.first, let other = right.first else {
            return left.isEmpty && right.isEmpty
        }
        return first.subject == other.subject && first.resource == other.resource
            && first.wakerThread == other.wakerThread && left.dropFirst().elementsEqual(right.dropFirst())
    }

    private func index(of time: UInt64) -> Int { time < start ? 0 : Int((time - start) / width) }

    private mutating func forEachBin(_ from: UInt64, _ to: UInt64, _ body: (inout Bin, UInt64) -> Void) {
        var time = from
        while time < to {
            let index = index(of: time)
            let end = min(to, start + UInt64(index + 1) * width)
            body(&bins[index, default: Bin()], end - time)
            time = end
        }
    }
}
