/// What tasks can be short of.
public enum PressureResource: String, Sendable, CaseIterable {
    case cpu, memory, io
}

/// For how much of a tick tasks were stalled by a shortage: the kernel's pressure stall information.
public struct PressureSample: Sendable, Equatable {
    /// A cgroup of targets; empty for the whole host.
    public var cgroup: String
    public var resource: PressureResource
    /// Nanoseconds for which at least one task was stalled.
    public var some: UInt64
    /// Nanoseconds for which all tasks that had something to do were stalled.
    public var full: UInt64

    public init(cgroup: String = "", resource: PressureResource, some: UInt64, full: UInt64) {
        self.cgroup = cgroup
        self.resource = resource
        self.some = some
        self.full = full
    }
}
