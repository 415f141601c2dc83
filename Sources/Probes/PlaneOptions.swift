import Model
import ProbeRecords

extension KernelPlane {
    /// Sizes of what the kernel side may fill, and what it need not fill.
    public struct Limits: Sendable {
        /// Bytes of the event ring buffer: a power of two, at least a page.
        public var eventBytes: UInt32 = 4 << 20
        /// Distinct waits a tick beyond those that threads hold themselves.
        public var waits: UInt32 = 32768
        /// Resources known at a time.
        public var resources: UInt32 = 65536
        /// Whether single spells off the CPU are kept.
        public var hasIntervals = true
        /// Bytes of the ring buffer for these: a power of two, at least a page.
        public var intervalBytes: UInt32 = 2 << 20
        /// Threads that may be watched at a time; nil: any number.
        public var threads: UInt32?
        /// Whether processes are told that are no targets and run a program, take a name or change their cgroup.
        public var tellsStarts = false
        /// Whether requests to block devices are counted.
        public var hasBlockIO = true
        /// What performance counters are to count, at most ``PMUEvent/limit`` events.
        public var pmu: [PMUEvent] = []
        /// The numbers of the CPUs that are online.
        public var cpus: [Int] = [0]
        /// Numbers of the system calls that are counted.
        public var syscalls: Set<Int> = []
        /// All that there can be.
        public static let allSyscalls = Set(0..<Int(STALL_CALL_COUNT))
        /// Whether requests of io_uring are counted, from when a target has a ring.
        public var hasRings = true
        /// Whether look-ups in the page cache, and what becomes of its pages, are counted.
        public var hasPageCache = false

        /// Whether the call stacks of threads that block and of those that wake them are taken.
        public var hasStacks = false

        public init() {}
    }

    /// Which processes become targets by themselves.
    public struct Following: Sendable {
        /// Children of targets, and their threads.
        public var children = true
        /// Those at the other end of a pipe, socket, shared futex or the like.
        public var communication = false
        /// How many processes may lie between a found one and one that was asked for.
        public var hops: UInt32 = 3
        /// How many threads may be found so.
        public var limit: UInt32 = 1000
        /// Whoever begins to listen on or to connect to one of these TCP endpoints; at most ``endpointLimit``.
        /// Addresses have 16 bytes, IPv4 mapped into IPv6; one of zeros stands for all.
        public var endpoints: [(address: [UInt8], port: UInt16)] = []
        public static let endpointLimit = Int(STALL_ENDPOINTS)

        public init() {}
    }
}
