import Model
import ProcFS

/// A cgroup that may have a CPU quota.
struct ThrottledCgroup: CgroupMeter {
    private let path, directory: String
    private let isUnified: Bool
    private var limit: (quota: UInt64, period: UInt64)?
    private var file: HeldFile?
    private var last: CgroupCounters.Throttling?

    init(_ path: String, _ directory: String, _ isUnified: Bool) {
        (self.path, self.directory, self.isUnified) = (path, directory, isUnified)
        readLimit()
        if hasLimit { _ = read() }
    }

    var hasLimit: Bool { limit != nil }

    mutating func readLimit() {
        func bytes(_ name: String) -> [UInt8] { HeldFile("\(directory)/\(name)")?.read() ?? [] }
        if isUnified {
            limit = CgroupCounters.quota(parsingMax: bytes("cpu.max"))
        } else {
            // -1 without a limit, which is no number here.
            let quota = CgroupCounters.limit(parsing: bytes("cpu.cfs_quota_us"))
            let period = CgroupCounters.limit(parsing: bytes("cpu.cfs_period_us"))
            limit = quota.flatMap { quota in period.map { (quota, $0) } }
        }
        if limit == nil { (file, last) = (nil, nil) }
    }

    mutating func read() -> CgroupCPUSample? {
        if file == nil { file = HeldFile("\(directory)/cpu.stat") }
        guard let limit, let now = file?.read().flatMap(CgroupCounters.throttling(parsing:)) else {
            // Removed, and perhaps made again.
            (file, last) = (nil, nil)
            return nil
        }
        defer { last = now }
        guard let last, now.periods >= last.periods else { return nil }
        var sample = CgroupCPUSample(cgroup: path)
        sample.periods = now.periods - last.periods
        sample.throttledPeriods = now.throttledPeriods &- last.throttledPeriods
        sample.throttled = now.throttled &- last.throttled
        (sample.quota, sample.period) = limit
        return sample
    }
}
