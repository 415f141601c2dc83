import BPF
import ProbeRecords
import Synchronization

/// The spells off the CPU that are kept singly.
extension KernelPlane {
    /// What `struct stall_slices` says.  Times are nanoseconds of `CLOCK_BOOTTIME`.
    public struct Slices: Sendable, Equatable {
        public var from: UInt64
        public var anchor: UInt64
        public var on: UInt64
        public var shift: UInt64

        public init(from: UInt64, anchor: UInt64, on: UInt64, shift: UInt64) {
            (self.from, self.anchor, self.on, self.shift) = (from, anchor, on, shift)
        }

        /// Whether the kernel side keeps a spell that ends while this is in force.
        public func keeps(left: UInt64, ran: UInt64, closed: UInt64? = nil) -> Bool {
            var setting = stall_slices(
                from: from, anchor: anchor, on: on, shift: shift, allowance: 0, kept: 0, closed: closed ?? 0,
                lost_since: 0)
            return stall_is_kept(&setting, left, ran) != 0
        }
    }

    /// What has become of a setting.
    public struct SlicesState: Sendable, Equatable {
        public var kept: UInt64 = 0
        /// When its slices ended since too many spells were kept.
        public var closed: UInt64?
        /// The earliest time in a spell that was to be kept and found no room.
        public var lostSince: UInt64?

        /// Its slices have ended before their time.
        public var isOver: Bool { closed != nil || lostSince != nil }

        public init(kept: UInt64 = 0, closed: UInt64? = nil, lostSince: UInt64? = nil) {
            (self.kept, self.closed, self.lostSince) = (kept, closed, lostSince)
        }
    }

    /// Adds the ring buffer of intervals to those that `events` reads; nothing where none are kept.
    public func receiveIntervals(
        with events: RingBuffer, _ receive: @escaping (IntervalRecord) -> Void
    ) throws(BPFError) {
        guard hasIntervals else { return }
        try object.addRingBuffer("intervals", to: events) { bytes in
            if let record = IntervalRecord(bytes) { receive(record) }
        }
    }

    /// Puts a setting into force at its `from`, which must be some milliseconds ahead; until then the last one holds.
    public func apply(_ slices: Slices, allowance: UInt64) {
        let next = sampling.pointee.number &+ 1
        withSetting(next) {
            $0 = stall_slices(
                from: slices.from, anchor: slices.anchor, on: slices.on, shift: slices.shift,
                allowance: allowance, kept: 0, closed: 0, lost_since: 0)
        }
        // The programs find the setting filled when they see its number.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        sampling.pointee.number = next
    }

    /// How many spells may be kept under the present setting.
    public func allow(_ allowance: UInt64) {
        withSetting(sampling.pointee.number) { $0.allowance = allowance }
    }

    /// - Parameter back: 0: the setting that was applied last, 1: the one before.
    public func slicesState(back: UInt64 = 0) -> SlicesState {
        withSetting(sampling.pointee.number &- back) {
            SlicesState(
                kept: $0.kept, closed: $0.closed == 0 ? nil : $0.closed,
                lostSince: $0.lost_since == 0 ? nil : $0.lost_since)
        }
    }

    private func withSetting<Result>(_ number: UInt64, _ body: (inout stall_slices) -> Result) -> Result {
        number & 1 == 0
            ? body(&sampling.pointee.settings.0) : body(&sampling.pointee.settings.1)
    }
}
