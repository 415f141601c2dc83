/// What limits did to a cgroup since it was made, in the files of either version.
public enum CgroupCounters {
    /// `key value` lines: `cpu.stat`, `memory.stat`, `memory.events`, `memory.oom_control`.
    public static func values(parsing bytes: [UInt8]) -> [String: UInt64] {
        var values: [String: UInt64] = [:]
        for line in bytes.lines {
            let fields = line.fields
            guard fields.count == 2, let value = fields[1].decimal else { continue }
            values[String(decoding: fields[0], as: UTF8.self)] = value
        }
        return values
    }

    public struct Throttling: Sendable, Equatable {
        public var periods: UInt64
        public var throttledPeriods: UInt64
        /// Nanoseconds, of all CPUs together.
        public var throttled: UInt64
    }

    /// From `cpu.stat`: `throttled_time` (ns) of v1, `throttled_usec` of v2.  nil without the controller.
    public static func throttling(parsing bytes: [UInt8]) -> Throttling? {
        let values = values(parsing: bytes)
        guard let periods = values["nr_periods"], let throttled = values["nr_throttled"] else { return nil }
        return Throttling(
            periods: periods, throttledPeriods: throttled,
            throttled: values["throttled_time"] ?? (values["throttled_usec"] ?? 0) &* 1000)
    }

    /// Microseconds of CPU time in a period and its length by `cpu.max` (`20000 100000`); nil without a limit.
    public static func quota(parsingMax bytes: [UInt8]) -> (quota: UInt64, period: UInt64)? {
        let fields = bytes.lines.first.map { Array($0).fields } ?? []
        guard fields.count == 2, let quota = fields[0].decimal, let period = fields[1].decimal else {
            return nil
        }
        return (quota, period)
    }

    /// Bytes; nil for `max` of v2 and for the number near 2^63 that stands for no limit in v1.
    public static func limit(parsing bytes: [UInt8]) -> UInt64? {
        guard let value = bytes.lines.first?.decimal, value < 1 << 62 else { return nil }
        return value
    }

    /// Limits for requests to a device, by the names of `io.max`: `rbps` and `wbps` in bytes, `riops` and `wiops` in
    /// requests a second.
    public struct IOLimit: Sendable, Equatable {
        /// As the kernel numbers it: major in the bits from 20 up, minor below.
        public var device: UInt32
        public var values: [String: UInt64]
    }

    /// `8:16 rbps=2097152 wbps=max riops=max wiops=120` of v2.
    public static func ioLimits(parsingMax bytes: [UInt8]) -> [IOLimit] {
        bytes.lines.compactMap { line in
            let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard let device = fields.first.flatMap({ device($0) }) else { return nil }
            var values: [String: UInt64] = [:]
            for field in fields.dropFirst() {
                let pair = field.split(separator: "=")
                if pair.count == 2, let value = UInt64(pair[1]) { values[String(pair[0])] = value }
            }
            return values.isEmpty ? nil : IOLimit(device: device, values: values)
        }
    }

    /// A file for each kind of v1, with lines like `8:16 2097152`.
    public static func ioLimits(parsingThrottle files: [(name: String, bytes: [UInt8])]) -> [IOLimit] {
        var limits: [UInt32: [String: UInt64]] = [:]
        for file in files {
            for line in file.bytes.lines {
                let fields = String(decoding: line, as: UTF8.self).split(separator: " ")
                guard fields.count == 2, let device = device(fields[0]), let value = UInt64(fields[1]) else {
                    continue
                }
                limits[device, default: [:]][file.name] = value
            }
        }
        return limits.map { IOLimit(device: $0.key, values: $0.value) }.sorted { $0.device < $1.device }
    }

    private static func device(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ":").compactMap { UInt32($0) }
        return parts.count == 2 ? parts[0] << 20 | parts[1] : nil
    }

    public struct MemoryEvents: Sendable, Equatable {
        public var max: UInt64 = 0
        public var high: UInt64 = 0
        public var oomKills: UInt64 = 0

        public init() {}
    }

    /// From `memory.events` of v2.
    public static func events(parsing bytes: [UInt8]) -> MemoryEvents {
        let values = values(parsing: bytes)
        var events = MemoryEvents()
        events.max = values["max"] ?? 0
        events.high = values["high"] ?? 0
        events.oomKills = values["oom_kill"] ?? 0
        return events
    }

    /// Refaults (pages) and swap (bytes) of the cgroup and those below it, from `memory.stat`: v1 tells both with
    /// `total_` before the name, v2 has the swap in a file of its own.
    public static func memory(parsingStat bytes: [UInt8]) -> (refaults: UInt64, swap: UInt64?) {
        let values = values(parsing: bytes)
        func sum(_ prefix: String) -> UInt64? {
            guard let file = values[prefix + "workingset_refault_file"] else { return nil }
            return file &+ (values[prefix + "workingset_refault_anon"] ?? 0)
        }
        return (sum("total_") ?? sum("") ?? 0, values["total_swap"])
    }
}
