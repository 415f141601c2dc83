import Glibc

/// The clocks that a recording is timed by, in nanoseconds.
public enum Clock {
    /// `CLOCK_BOOTTIME`: since boot, suspended time included.  The kernel side uses the same.
    public static func bootTime() -> UInt64 { read(CLOCK_BOOTTIME) }

    /// `CLOCK_REALTIME`: since the Unix epoch.
    public static func wallTime() -> UInt64 { read(CLOCK_REALTIME) }

    /// How long the host has been suspended since its boot.  Never more than that: the shorter clock is read last.
    static func sleptTime() -> UInt64 {
        let boot = read(CLOCK_BOOTTIME)
        let awake = read(CLOCK_MONOTONIC)
        return boot > awake ? boot - awake : 0
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // It cannot fail: both clocks exist on every kernel that has BPF.
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// What turns `CLOCK_BOOTTIME` into wall-clock time, and notices when the wall clock is set.
public struct ClockMapping: Sendable, Equatable {
    /// A larger change between two looks is a step; smaller ones are the slewing of a time daemon.
    public static let stepThreshold: UInt64 = 100_000_000

    /// A smaller change is what reading two clocks one after the other cannot tell from none: followed, it would make
    /// stretches that reach from tick to tick some nanoseconds longer or shorter than their sums.
    static let noise: UInt64 = 1000

    /// Wall time minus boot time; wraps.
    public private(set) var offset: UInt64

    public init(offset: UInt64) { self.offset = offset }

    public static func now() -> ClockMapping { ClockMapping(offset: measure()) }

    /// Follows the wall clock; returns by how many nanoseconds it was set, if it was.
    public mutating func reanchor() -> Int64? { reanchor(to: Self.measure()) }

    mutating func reanchor(to measured: UInt64) -> Int64? {
        let change = Int64(bitPattern: measured &- offset)
        guard change.magnitude > Self.noise else { return nil }
        offset = measured
        return change.magnitude > Self.stepThreshold ? change : nil
    }

    /// Reads the boot clock before and after the wall clock and takes the narrowest of a few tries.
    private static func measure() -> UInt64 {
        var best: (width: UInt64, offset: UInt64) = (.max, 0)
        for _ in 0..<3 {
            let before = Clock.bootTime()
            let wall = Clock.wallTime()
            let after = Clock.bootTime()
            let middle = before + (after - before) / 2
            if after - before < best.width { best = (after - before, wall &- middle) }
        }
        return best.offset
    }
}
