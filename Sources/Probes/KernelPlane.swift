import BPF
import FoundationEssentials
import Glibc
import Model
import ProbeRecords

/// The programs of `stallscope.bpf.c`, loaded and attached.
///
/// Everything that both sides of the kernel boundary know by name is named here and nowhere else.
public final class KernelPlane {
    let object: Object
    var links: [Link] = []
    var readyLink: Link?
    let control: UnsafeMutablePointer<stall_control>
    let lossCounts: UnsafeMutableBufferPointer<UInt64>
    /// Which spells off the CPU are kept singly.
    let sampling: UnsafeMutablePointer<stall_sampling>
    let settle: TaskIterator
    private let adopt: TaskIterator
    private let drop: TaskIterator
    private let wanted: Map<UInt32, UInt32>
    private let excluded: Map<UInt32, UInt32>
    let hooks: [Hook]
    /// Hooks that this kernel does not have.
    public let missingHooks: [Hook]
    let pmu: PMUCounters?
    /// Whether the kernel tells what reads and page faults ask the page cache for.
    let hasPageLookups: Bool
    /// Whether single spells off the CPU are kept.
    public let hasIntervals: Bool
    private let resources: Map<stall_resource_key, KnownResource>
    /// Block requests that were not completed.
    let blockRequests: Map<UInt64, stall_block_request>

    /// Requests of io_uring and of aio that were not completed.
    let ringRequests: Map<UInt64, stall_async_request>
    let aioRequests: Map<stall_aio_key, stall_async_request>

    // What is summed up for each tick; nil where it is not recorded.

    /// Waits that did not fit into the threads' own slots.
    let spilled: Banks<stall_wait_key, stall_wait_total>
    let spilledOccupants: Banks<stall_occupant_key, OccupantSums>
    let connections: Banks<UInt32, stall_connection_sums>
    let block: Banks<stall_block_key, stall_block_sums>?
    let pmuTotals: Banks<UInt32, stall_pmu_sums>?
    let calls: Banks<stall_call_key, stall_call_sums>?
    let traffic: Banks<stall_traffic_key, stall_traffic_sums>?
    let pages: Banks<stall_page_key, stall_page_sums>?
    let async: Banks<stall_async_key, stall_async_sums>?
    /// Whether requests of io_uring, and of aio, are counted.
    public let tellsRings: Bool
    public let tellsAIO: Bool
    let stackWaits: Banks<stall_stack_key, stall_stack_sums>?
    let settleStacks: TaskIterator?
    let knownStacks: Map<UInt64, KnownStack>

    /// `struct occupant_sums` of the kernel side.
    struct OccupantSums: BitwiseCopyable {
        var total: UInt64
        var count: UInt64
        var comm: (UInt64, UInt64)
    }

    /// `struct known_stack` of the kernel side.
    struct KnownStack: BitwiseCopyable {
        var id: UInt32
        var tick: UInt32
    }

    /// `struct resource` of the kernel side.
    private struct KnownResource: BitwiseCopyable {
        var id: UInt32
        var tick: UInt32
    }

    /// Loads the programs; nothing runs before ``attach()``.
    ///
    /// - Parameter collectorPID: the process that must never be a target, and whose children are targets
    ///   while ``isSpawning``.
    public init(
        collectorPID: UInt32, limits: Limits = Limits(), following: Following = Following()
    ) throws(BPFError) {
        guard let bytes = Data(base64Encoded: StallscopeObject.base64.description) else {
            throw BPFError.damagedObject
        }
        let open = try OpenObject([UInt8](bytes), name: "stallscope")
        let setup = try PlaneSetup(limits)
        try setup.configure(open, collectorPID: collectorPID, following: following)
        (hooks, missingHooks, pmu) = (setup.hooks(for: following), setup.missingHooks, setup.pmu)
        hasPageLookups = setup.hasPageLookups
        hasIntervals = limits.hasIntervals
        (tellsRings, tellsAIO) = (setup.tellsRings, setup.tellsAIO)
        object = try open.load()
        try pmu?.place(in: object)

        // Each section begins with its only variable, laid out by the shared header, and lives as long as
        // the object.
        guard let place = try object.section(".data.control").baseAddress else {
            throw BPFError.damagedObject
        }
        control = place.assumingMemoryBound(to: stall_control.self)
        guard let slices = try object.section(".data.sampling").baseAddress else {
            throw BPFError.damagedObject
        }
        sampling = slices.assumingMemoryBound(to: stall_sampling.self)
        lossCounts = try object.section(".data.losses").bindMemory(to: UInt64.self)
        settle = try object.taskIterator("settle")
        adopt = try object.taskIterator("adopt")
        drop = try object.taskIterator("drop")
        wanted = try object.map("wanted", key: UInt32.self, value: UInt32.self)
        excluded = try object.map("excluded", key: UInt32.self, value: UInt32.self)
        resources = try object.map("resources", key: stall_resource_key.self, value: KnownResource.self)
        blockRequests = try object.map("block_requests", key: UInt64.self, value: stall_block_request.self)
        spilled = try Banks("waits", of: object)
        spilledOccupants = try Banks("occupants", of: object)
        connections = try Banks("connections", of: object)
        block = limits.hasBlockIO ? try Banks("block", of: object) : nil
        pmuTotals = pmu == nil ? nil : try Banks("pmu", of: object)
        calls = limits.syscalls.isEmpty ? nil : try Banks("calls", of: object)
        traffic = limits.syscalls.isEmpty ? nil : try Banks("traffic", of: object)
        pages = limits.hasPageCache ? try Banks("pages", of: object) : nil
        async = tellsRings || tellsAIO ? try Banks("async", of: object) : nil
        ringRequests = try object.map("ring_requests", key: UInt64.self, value: stall_async_request.self)
        aioRequests = try object.map(
            "aio_requests", key: stall_aio_key.self, value: stall_async_request.self)
        // Nobody is to ask for programs that are not there.
        if !tellsRings { control.pointee.rings_attached = 1 }
        stackWaits = limits.hasStacks ? try Banks("stack_waits", of: object) : nil
        settleStacks = limits.hasStacks ? try object.taskIterator("settle_stacks") : nil
        knownStacks = try object.map("stack_ids", key: UInt64.self, value: KnownStack.self)
    }

    /// Births, execs, renames and last samples, in the order in which they happened.
    public func events(_ receive: @escaping (KernelEvent) -> Void) throws(BPFError) -> RingBuffer {
        try object.ringBuffer("events") { bytes in
            if let event = KernelEvent(bytes) { receive(event) }
        }
    }

    /// While this is set, every process that the collector starts is a target from its first instruction.
    public var isSpawning: Bool {
        get { control.pointee.spawning != 0 }
        set { control.pointee.spawning = newValue ? 1 : 0 }
    }

    /// Makes the threads of these processes targets; their births come as events.
    ///
    /// Walks twice: a thread that was not yet adopted may have created one that the walk had passed.
    public func adopt(_ pids: some Sequence<UInt32>) throws(BPFError) {
        let pids = Array(pids)
        for pid in pids { try wanted.set(pid, to: 1) }
        control.pointee.adopting = 1
        defer {
            control.pointee.adopting = 0
            for pid in pids { wanted.remove(pid) }
        }
        try adopt.run()
        try adopt.run()
    }

    /// Makes every user thread on the host a target.
    public func adoptAll() throws(BPFError) {
        control.pointee.adopt_all = 1
        defer { control.pointee.adopt_all = 0 }
        try adopt.run()
        try adopt.run()
    }

    /// Processes that must not become targets by themselves.
    public func exclude(_ pids: some Sequence<UInt32>) throws(BPFError) {
        for pid in pids { try excluded.set(pid, to: 1) }
    }

    /// Ends the watch over the threads of these processes.  Settle them first, or what they did since is lost.
    public func drop(_ pids: some Sequence<UInt32>) throws(BPFError) {
        let pids = Array(pids)
        for pid in pids { try wanted.set(pid, to: 1) }
        defer { for pid in pids { wanted.remove(pid) } }
        try drop.run()
    }

    /// Forgets the resources that no wait was for in the last `ticks` ticks, so that the map does not fill with
    /// connections that are long closed.  One that is met again gets another id.
    ///
    /// - Parameter ticks: more than `EPOCH_TICKS` of the kernel side, which looks at the map that often at least for what
    ///   is in use.
    public func forgetResources(unusedFor ticks: UInt32) throws(BPFError) {
        let now = UInt32(truncatingIfNeeded: control.pointee.tick)
        var old: [stall_resource_key] = []
        try resources.forEach { key, value in
            if now &- value.tick > ticks { old.append(key) }
        }
        for key in old { resources.remove(key) }
    }

    /// What was lost since loading.
    public var losses: [KernelLoss: UInt64] {
        Dictionary(
            uniqueKeysWithValues: KernelLoss.allCases.map { ($0, lossCounts[Int($0.rawValue)]) })
    }
}
