/// The host around the targets in a tick, and the limits that they live under.
public struct SurroundingsSample: Sendable, Equatable {
    public var host = HostSample()
    /// Cgroups of targets, and those above them, that have a CPU quota.
    public var cgroupCPU: [CgroupCPUSample] = []
    /// The same with a limit of memory.
    public var cgroupMemory: [CgroupMemorySample] = []
    /// The same with a limit of what they may read and write.
    public var cgroupIO: [CgroupIOSample] = []
    /// Targets that came under one of these limits since the last tick.
    public var limited: [LimitedProcess] = []
    /// Network namespaces of targets.
    public var network: [NetworkSample] = []
    /// Connections of targets that had to send packets again.
    public var connections: [ConnectionSample] = []

    public init() {}
}

/// What the CPUs, devices and run queues of the whole host did in a tick.
public struct HostSample: Sendable, Equatable {
    public var cpus: [HostCPUSample] = []
    public var runQueue: RunQueueSample?
    public var devices: [HostDeviceSample] = []

    public init() {}
}

/// One CPU's time; nanoseconds, as the kernel counts them: in steps of 10 ms.
public struct HostCPUSample: Sendable, Equatable {
    public var cpu: UInt32
    /// Of programs, niced ones included.
    public var user: UInt64 = 0
    public var system: UInt64 = 0
    /// Idle, while a thread that slept last here waits for I/O.
    public var ioWait: UInt64 = 0
    public var irq: UInt64 = 0
    public var softirq: UInt64 = 0
    /// Taken by the hypervisor.
    public var steal: UInt64 = 0
    public var idle: UInt64 = 0

    public init(cpu: UInt32) { self.cpu = cpu }

    public var busy: UInt64 { user &+ system &+ irq &+ softirq }
}

/// How many tasks wanted a CPU.
public struct RunQueueSample: Sendable, Equatable {
    /// On a CPU or waiting for one, at the end of the tick.
    public var runnable: UInt64
    /// Threads that exist.
    public var tasks: UInt64
    /// The kernel's running mean over a minute of those that run, wait for a CPU or sleep uninterruptibly; thousandths.
    public var load: UInt64
    /// Nanoseconds that all tasks of the host together waited for a CPU; nil where the kernel does not tell
    /// (`CONFIG_SCHEDSTATS`).
    public var waited: UInt64?

    public init(runnable: UInt64, tasks: UInt64, load: UInt64, waited: UInt64? = nil) {
        (self.runnable, self.tasks, self.load, self.waited) = (runnable, tasks, load, waited)
    }
}

/// A whole block device, by its own counters.
public struct HostDeviceSample: Sendable, Equatable {
    public var device: String
    public var reads: UInt64 = 0
    public var writes: UInt64 = 0
    public var readBytes: UInt64 = 0
    public var writtenBytes: UInt64 = 0
    /// Nanoseconds in which any request was under way.
    public var busy: UInt64 = 0
    /// Nanoseconds that all requests together were under way: by the tick's length, the mean queue.
    public var queued: UInt64 = 0
    /// Requests under way at the end of the tick.
    public var inFlight: UInt64 = 0

    public init(device: String) { self.device = device }
}

/// What a CPU quota did to a cgroup of targets.
public struct CgroupCPUSample: Sendable, Equatable {
    /// As `/proc/PID/cgroup` shows it.
    public var cgroup: String
    /// Enforcement periods that began with something to run, and those of them in which the quota ran out.
    public var periods: UInt64 = 0
    public var throttledPeriods: UInt64 = 0
    /// Nanoseconds, of all CPUs together.
    public var throttled: UInt64 = 0
    /// Microseconds of CPU time in a period, and its length.
    public var quota: UInt64 = 0
    public var period: UInt64 = 0

    public init(cgroup: String) { self.cgroup = cgroup }
}

/// A cgroup of targets that has a limit of memory.
public struct CgroupMemorySample: Sendable, Equatable {
    /// As `/proc/PID/cgroup` shows it.
    public var cgroup: String
    /// Bytes, at the end of the tick.
    public var current: UInt64 = 0
    public var swap: UInt64 = 0
    /// Limits, bytes: where allocations fail, and where they are slowed down.  nil without.
    public var max: UInt64?
    public var high: UInt64?
    /// How often, in the tick, allocations met a limit, and processes were killed for it.
    public var maxEvents: UInt64 = 0
    public var highEvents: UInt64 = 0
    public var oomKills: UInt64 = 0
    /// Pages that were read again soon after they had been taken away.
    public var refaults: UInt64 = 0

    public init(cgroup: String) { self.cgroup = cgroup }
}

/// The limit that a cgroup of targets has for its requests to a block device.
public struct CgroupIOSample: Sendable, Equatable {
    /// As `/proc/PID/cgroup` shows it.
    public var cgroup: String
    /// As ``WaitSubject/device``.
    public var device: UInt32
    /// Bytes and requests a second; nil without a limit.
    public var readBytes: UInt64?
    public var writeBytes: UInt64?
    public var readRequests: UInt64?
    public var writeRequests: UInt64?

    public init(cgroup: String, device: UInt32) { (self.cgroup, self.device) = (cgroup, device) }
}

/// A process under a limit of a cgroup.  In cgroups of version 1 each controller has a hierarchy of its own, so that a
/// process is not always in the cgroup that it is named by.
public struct LimitedProcess: Sendable, Hashable {
    public enum Controller: String, Sendable { case memory, io }
    public var pid: UInt32
    public var controller: Controller
    /// The one with the limit: the process's own or one above it.
    public var cgroup: String

    public init(pid: UInt32, controller: Controller, cgroup: String) {
        (self.pid, self.controller, self.cgroup) = (pid, controller, cgroup)
    }
}

/// What went wrong in a network namespace of targets, in a tick.
public struct NetworkSample: Sendable, Equatable {
    /// Inode of the namespace.
    public var namespace: UInt32
    /// TCP segments that were sent, and those of them that were sent again.
    public var segments: UInt64 = 0
    public var retransmits: UInt64 = 0
    /// Of the retransmissions, those after a timeout.
    public var timeouts: UInt64 = 0
    /// Packets that were dropped: by IP, by UDP's and TCP's full buffers.
    public var drops: UInt64 = 0
    /// Connections that were refused because a backlog was full, and all that a listener dropped.
    public var listenOverflows: UInt64 = 0
    public var listenDrops: UInt64 = 0

    public init(namespace: UInt32) { self.namespace = namespace }
}

/// A connection of targets that had to send packets again in a tick.
public struct ConnectionSample: Sendable, Equatable {
    /// ``Resource/id``.
    public var resource: Int64
    /// Segments in this tick, and since the connection was made.
    public var retransmits: UInt64
    public var retransmitsEver: UInt64
    /// Segments that the kernel took for lost, and packets that came and were dropped, since the connection was made.
    public var lostEver: UInt64
    public var dropsEver: UInt64
    /// Smoothed round-trip time, nanoseconds, and the congestion window, segments: at the last retransmission.
    public var roundTrip: UInt64
    public var window: UInt64

    public init(
        resource: Int64, retransmits: UInt64, retransmitsEver: UInt64, lostEver: UInt64, dropsEver: UInt64,
        roundTrip: UInt64, window: UInt64
    ) {
        (self.resource, self.retransmits, self.retransmitsEver) = (resource, retransmits, retransmitsEver)
        (self.lostEver, self.dropsEver, self.roundTrip) = (lostEver, dropsEver, roundTrip)
        self.window = window
    }
}
