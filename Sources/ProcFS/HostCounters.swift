/// Counters of the whole host, since it started.
public enum HostCounters {
    /// The time of one CPU, in the kernel's ticks of 10 ms (`USER_HZ` is 100 on every architecture that is built for).
    public struct CPU: Sendable, Equatable {
        public var cpu: UInt32
        public var user, nice, system, idle, ioWait, irq, softirq, steal: UInt64
    }

    /// The lines `cpuN` of `/proc/stat`.  Guests' time is part of the user's.
    public static func cpus(parsing bytes: [UInt8]) -> [CPU] {
        bytes.lines.compactMap { line -> CPU? in
            guard line.starts(with: Array("cpu".utf8)) else { return nil }
            let fields = line.fields
            let times = fields.dropFirst().map { $0.decimal ?? 0 }
            guard let number = fields.first?.dropFirst(3).decimal32, times.count >= 8 else { return nil }
            return CPU(
                cpu: number, user: times[0], nice: times[1], system: times[2], idle: times[3],
                ioWait: times[4],
                irq: times[5], softirq: times[6], steal: times[7])
        }
    }

    /// The load, thousandths, and how many tasks there are: `0.39 0.43 0.78 3/99 21622` of `/proc/loadavg`.
    public static func load(parsing bytes: [UInt8]) -> (load: UInt64, runnable: UInt64, tasks: UInt64)? {
        let fields = bytes.lines.first.map { Array($0).fields } ?? []
        guard fields.count >= 4, let load = Double(String(decoding: fields[0], as: UTF8.self)) else {
            return nil
        }
        let tasks = fields[3].split(separator: UInt8(ascii: "/")).compactMap(\.decimal)
        guard tasks.count == 2, load >= 0, load < 1e9 else { return nil }
        return (UInt64((load * 1000).rounded()), tasks[0], tasks[1])
    }

    /// Nanoseconds that tasks waited for a CPU: the eighth number of the lines `cpuN` of `/proc/schedstat`
    /// (Documentation/scheduler/sched-stats.rst); nil where there are none.
    public static func waited(parsing bytes: [UInt8]) -> UInt64? {
        let delays = bytes.lines.compactMap { line -> UInt64? in
            guard line.starts(with: Array("cpu".utf8)) else { return nil }
            let fields = line.fields
            return fields.count >= 10 ? fields[8].decimal : nil
        }
        return delays.isEmpty ? nil : delays.reduce(0, &+)
    }

    /// A line of `/proc/diskstats` (Documentation/admin-guide/iostats.rst): sectors of 512 bytes, milliseconds.
    public struct Disk: Sendable, Equatable {
        public var name: String
        public var reads, readSectors, writes, writtenSectors, inFlight, busy, queued: UInt64
    }

    /// Devices that have done something.
    public static func disks(parsing bytes: [UInt8]) -> [Disk] {
        bytes.lines.compactMap { line -> Disk? in
            let fields = line.fields
            guard fields.count >= 14 else { return nil }
            let numbers = fields.map { $0.decimal ?? 0 }
            guard numbers[3] > 0 || numbers[7] > 0 else { return nil }
            return Disk(
                name: String(decoding: fields[2], as: UTF8.self), reads: numbers[3], readSectors: numbers[5],
                writes: numbers[7], writtenSectors: numbers[9], inFlight: numbers[11], busy: numbers[12],
                queued: numbers[13])
        }
    }

    /// Names of whole disks, without their partitions: what `/sys/block` holds.
    public static func wholeDisks(sys: String = "/sys") -> Set<String> {
        // The kernel writes "/" in a name as "!".
        Set((FileAccess.names(in: "\(sys)/block") ?? []).map { $0.replacing("!", with: "/") })
    }
}
