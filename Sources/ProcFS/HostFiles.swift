/// What `/proc` and `/sys`, or trees of the same shape, say about the host as a whole.
public struct HostFiles: Sendable {
    public let proc: String
    public let sys: String

    public init(proc: String = "/proc", sys: String = "/sys") {
        self.proc = proc
        self.sys = sys
    }

    /// The text of a file without the line end, nil if it cannot be read.
    /// - Parameter path: below `/proc`, as in "sys/kernel/osrelease".
    public func proc(_ path: String) -> String? { FileAccess.line(proc + "/" + path) }

    /// The text of a file below `/sys` without the line end, nil if it cannot be read.
    public func sys(_ path: String) -> String? { FileAccess.line(sys + "/" + path) }

    public func hasSys(_ path: String) -> Bool { FileAccess.status(of: sys + "/" + path) != nil }

    /// What a symbolic link of this process's `/proc/self` says, as in "ns/pid"; nil if it cannot be read.
    public func selfLink(_ path: String) -> String? {
        FileAccess.linkTarget(proc + "/self/" + path).bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The cgroup hierarchies that are mounted, the unified one first.
    public func cgroupHierarchies() -> [CgroupHierarchy] {
        CgroupHierarchy.parse(mountinfo: FileAccess.read(proc + "/self/mountinfo").bytes ?? [])
    }

    /// Effective capabilities of this process, one bit each; nil if they cannot be read.
    public func effectiveCapabilities() -> UInt64? {
        FileAccess.read(proc + "/self/status").bytes.flatMap(ProcessStatus.init(parsing:))?
            .effectiveCapabilities
    }

    /// Whether `/proc/kallsyms` shows addresses; nil if it cannot be read.
    ///
    /// Where this user may not see them, all are 0.  A kernel's first ones may be 0 anyway: per-CPU variables.
    public func showsSymbolAddresses() -> Bool? {
        FileAccess.read(proc + "/kallsyms", limit: 16384).bytes?.lines.contains { line in
            line.fields.first?.contains { $0 != UInt8(ascii: "0") } ?? false
        }
    }

    /// This process's soft limit as `/proc/self/limits` shows it, "unlimited" or "8388608 bytes".
    /// - Parameter name: as it stands in the first column.
    public func limit(_ name: String) -> String? {
        let lines = FileAccess.read(proc + "/self/limits").bytes?.lines ?? []
        guard let line = lines.first(where: { $0.starts(with: name.utf8) }) else { return nil }
        let fields = line.dropFirst(name.utf8.count).fields.map { String(decoding: $0, as: UTF8.self) }
        guard let soft = fields.first, let unit = fields.last else { return nil }
        return soft == "unlimited" ? soft : "\(soft) \(unit)"
    }
}
