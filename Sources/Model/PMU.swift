/// An event that performance counters count, by `perf`'s name for it.
public struct PMUEvent: Sendable, Hashable {
    /// As in `perf list`, in lower case: "cycles", "llc-misses", "page-faults", or "r1c2" for a raw event.
    public var name: String
    /// `enum perf_type_id` of linux/perf_event.h.
    public var type: UInt32
    /// The event of that type: `perf_event_attr.config`.
    public var config: UInt64

    private init(_ name: String, _ type: UInt32, _ config: UInt64) {
        self.name = name
        self.type = type
        self.config = config
    }

    /// How many can be counted at a time.
    public static let limit = 8

    /// Counted by the processor: a machine without a PMU, as many virtual ones are, has none of them.
    public var needsHardware: Bool { type != Self.software }

    /// Every event with a name.
    public static let named: [PMUEvent] = [
        // enum perf_hw_id
        PMUEvent("cycles", hardware, 0), PMUEvent("instructions", hardware, 1),
        PMUEvent("cache-references", hardware, 2), PMUEvent("cache-misses", hardware, 3),
        PMUEvent("branches", hardware, 4), PMUEvent("branch-misses", hardware, 5),
        PMUEvent("bus-cycles", hardware, 6), PMUEvent("stalled-cycles-frontend", hardware, 7),
        PMUEvent("stalled-cycles-backend", hardware, 8), PMUEvent("ref-cycles", hardware, 9),
        // enum perf_hw_cache_id, operation << 8 (0: read), result << 16 (0: access, 1: miss)
        PMUEvent("l1d-loads", cache, 0), PMUEvent("l1d-misses", cache, 1 << 16),
        PMUEvent("l1i-misses", cache, 1 | 1 << 16), PMUEvent("llc-loads", cache, 2),
        PMUEvent("llc-misses", cache, 2 | 1 << 16), PMUEvent("dtlb-misses", cache, 3 | 1 << 16),
        PMUEvent("itlb-misses", cache, 4 | 1 << 16),
        // enum perf_sw_ids
        PMUEvent("cpu-clock", software, 0), PMUEvent("task-clock", software, 1),
        PMUEvent("page-faults", software, 2), PMUEvent("context-switches", software, 3),
        PMUEvent("cpu-migrations", software, 4), PMUEvent("minor-faults", software, 5),
        PMUEvent("major-faults", software, 6), PMUEvent("alignment-faults", software, 7),
        PMUEvent("emulation-faults", software, 8),
    ]

    /// The event of this name, or the raw one that `r` and a hexadecimal number stand for (`perf_event_attr.config`
    /// of `PERF_TYPE_RAW`, as the processor's manual lists them).
    public init?(name: String) {
        let name = name.lowercased()
        if let known = Self.named.first(where: { $0.name == name }) {
            self = known
        } else if name.hasPrefix("r"), let config = UInt64(name.dropFirst(), radix: 16) {
            self.init(name, Self.raw, config)
        } else {
            return nil
        }
    }

    private static let hardware: UInt32 = 0
    private static let software: UInt32 = 1
    private static let cache: UInt32 = 3
    private static let raw: UInt32 = 4
}

/// What an event counted while a thread ran.
public struct PMUSample: Sendable, Equatable {
    public var event: PMUEvent
    public var counter: UInt64
    /// Nanoseconds for which the event was to be counted while the thread ran.
    public var enabled: UInt64
    /// Of these, the nanoseconds for which it had a place in the hardware.  Where several events share one, the
    /// counter must be scaled by `enabled / running`.
    public var running: UInt64
    /// Nanoseconds on a CPU, beside `enabled`, in which nothing was counted: turns whose beginning no program saw.  What
    /// the thread did in them is missing from `counter`.
    public var unseen: UInt64

    public init(event: PMUEvent, counter: UInt64, enabled: UInt64, running: UInt64, unseen: UInt64 = 0) {
        self.event = event
        self.counter = counter
        self.enabled = enabled
        self.running = running
        self.unseen = unseen
    }

    public static func += (left: inout PMUSample, right: PMUSample) {
        left.counter += right.counter
        left.enabled += right.enabled
        left.running += right.running
        left.unseen += right.unseen
    }
}
