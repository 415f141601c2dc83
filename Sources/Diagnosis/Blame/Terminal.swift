/// In what a blame path can end.  Raw values are part of the JSON that people's programs read.
public enum CauseClass: String, Sendable, CaseIterable {
    /// A thread that computes or spins: the entry thread, who holds a lock, a process that it waits for.
    case onCPU = "on_cpu"
    /// Somebody else had the CPU.
    case cpuContention = "cpu_contention"
    /// A cgroup's CPU quota was used up.
    case cpuQuota = "cpu_quota"
    /// The CPU that was to run a woken thread slept, or was being interrupted.
    case wakeupLatency = "wakeup_latency"
    /// The hypervisor had taken the CPU away.
    case cpuSteal = "cpu_steal"
    case blockDevice = "block_device"
    /// A cgroup's own limit for I/O, while the device was fine.
    case ioThrottle = "io_throttle"
    /// A limit, reclaim, refaults or swap.
    case memory
    /// The other end of a connection, of which nothing more is known here.
    case remoteEndpoint = "remote_endpoint"
    /// The way there: packets sent again, dropped or delayed, or a peer that does not read.
    case network
    /// Who holds a lock, or is to answer, waits for its own client.
    case client
    /// A timer, by design.
    case sleep
    case deadlock
    case unattributed
}

/// Who or what it is, as an index into the arrays of an ``Evidence``.
enum Party: Hashable, Sendable {
    case thread(Int32)
    /// A thread that is not a target's, as a waker.
    case stranger(Int32)
    case occupant(Int32)
    /// A block device, and the thread that waited for it.
    case device(UInt32, by: Int32)
    /// What is at the other end of this resource.
    case endpoint(Int32)
    /// The cgroup of this thread.
    case cgroup(Int32)
    case hypervisor
    case unknown
}

/// The end of a blame path.
struct Terminal: Hashable, Sendable {
    var kind: CauseClass
    var party: Party
}

/// One step of a blame path: `thread` was in a wait for `resource` which `waker` ended.
struct Hop: Hashable, Sendable {
    var thread: Int32
    /// Of ``Evidence/subjects``.
    var subject: Int32
    /// What it waited for; of a set, the member.  -1 if it is not known.
    var resource: Int32
    /// The thread that ended it; -1 at the last step, when no thread of a target did.
    var wakerThread: Int32
}

/// A stretch of a victim's time that ends in one terminal cause.
struct Charge: Equatable, Sendable {
    var from: UInt64
    var to: UInt64
    var terminal: Terminal
    /// How many of the walk's hops lie between the victim and the cause.
    var depth: Int
}
