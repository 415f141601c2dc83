/// Durations counted in powers of two.
///
/// Slot 0 holds durations under 256 ns, slot `i` those in `[2^(7+i), 2^(8+i))` ns, and the last slot (31)
/// everything from 2^38 ns (275 s) up.  The kernel side fills the same slots.
public struct Histogram: Sendable, Hashable {
    public static let slotCount = 32
    /// Trailing empty slots are not kept.
    public private(set) var counts: [UInt32]

    public init(counts: some Sequence<UInt32> = []) {
        self.counts = Array(counts.prefix(Self.slotCount))
        trim()
    }

    /// The same of memory that the kernel has filled, which is the recorder's way and copies it at once.
    public init(counts: UnsafeBufferPointer<UInt32>) {
        self.counts = Array(UnsafeBufferPointer(rebasing: counts.prefix(Self.slotCount)))
        trim()
    }

    public var isEmpty: Bool { counts.isEmpty }
    public var total: UInt64 { counts.reduce(0) { $0 + UInt64($1) } }

    /// The slot that a duration in nanoseconds falls into.
    public static func slot(of nanoseconds: UInt64) -> Int {
        guard nanoseconds >= 256 else { return 0 }
        return min(slotCount - 1, (63 - nanoseconds.leadingZeroBitCount) - 7)
    }

    /// The shortest duration, in nanoseconds, that falls into a slot.
    public static func lowerBound(ofSlot slot: Int) -> UInt64 {
        slot == 0 ? 0 : 1 << UInt64(7 + slot)
    }

    public mutating func add(_ nanoseconds: UInt64, times: UInt32 = 1) {
        let slot = Self.slot(of: nanoseconds)
        while counts.count <= slot { counts.append(0) }
        counts[slot] &+= times
    }

    public static func += (left: inout Histogram, right: Histogram) {
        while left.counts.count < right.counts.count { left.counts.append(0) }
        for (slot, count) in right.counts.enumerated() { left.counts[slot] &+= count }
    }

    private mutating func trim() {
        while counts.last == 0 { counts.removeLast() }
    }
}
