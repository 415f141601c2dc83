/// A cgroup that limits the CPU time of the processes in it.
public struct CPUQuota: Sendable, Equatable {
    /// The cgroup's path, as `/proc/PID/cgroup` shows it.
    public var path: String
    /// CPUs that it may use at a time: quota by period.
    public var cpus: Double
    /// Where its files are.
    public var directory: String

    /// Nanoseconds for which threads were kept from running since the cgroup was made; nil if its files are gone.
    ///
    /// `throttled_time` (ns) of `cpu.stat` in v1, `throttled_usec` in v2.
    public func throttledTime() -> UInt64? {
        guard let bytes = FileAccess.read("\(directory)/cpu.stat").bytes else { return nil }
        return Self.throttledTime(parsing: bytes)
    }

    static func throttledTime(parsing bytes: [UInt8]) -> UInt64? {
        for line in bytes.lines {
            let fields = line.fields
            guard fields.count == 2, let value = fields[1].decimal else { continue }
            switch String(decoding: fields[0], as: UTF8.self) {
            case "throttled_time": return value
            case "throttled_usec": return value.multipliedReportingOverflow(by: 1000).partialValue
            default: continue
            }
        }
        return nil
    }

    /// CPUs by `cpu.max` of v2 ("200000 100000", "max 100000"); nil without a limit.
    static func cpus(parsingMax bytes: [UInt8]) -> Double? {
        let fields = bytes.lines.first.map { Array($0).fields } ?? []
        guard fields.count == 2, let quota = fields[0].decimal, let period = fields[1].decimal, period > 0
        else {
            return nil
        }
        return Double(quota) / Double(period)
    }
}

extension CgroupFinder {
    /// The quota that binds a process: of its own cgroup or the nearest above it that has one; nil without any.
    public func cpuQuota(of memberships: CgroupMembership) -> CPUQuota? {
        for hierarchy in hierarchies {
            let path =
                hierarchy.isUnified
                ? memberships.unified
                : hierarchy.controllers.contains("cpu") ? memberships.path(ofController: "cpu") : nil
            guard let path else { continue }
            if let quota = cpuQuota(at: path, in: hierarchy) { return quota }
        }
        return nil
    }

    private func cpuQuota(at path: String, in hierarchy: CgroupHierarchy) -> CPUQuota? {
        var components = path.split(separator: "/")
        while true {
            let directory = ([hierarchy.mountPoint] + components.map(String.init)).joined(separator: "/")
            if let cpus = cpus(of: directory, in: hierarchy) {
                return CPUQuota(
                    path: "/" + components.joined(separator: "/"), cpus: cpus, directory: directory)
            }
            guard !components.isEmpty else { return nil }
            components.removeLast()
        }
    }

    private func cpus(of directory: String, in hierarchy: CgroupHierarchy) -> Double? {
        if hierarchy.isUnified {
            return FileAccess.read("\(directory)/cpu.max").bytes.flatMap(CPUQuota.cpus(parsingMax:))
        }
        // -1 without a limit.
        guard let quota = FileAccess.line("\(directory)/cpu.cfs_quota_us").flatMap(Double.init), quota > 0,
            let period = FileAccess.line("\(directory)/cpu.cfs_period_us").flatMap(Double.init), period > 0
        else { return nil }
        return quota / period
    }
}
