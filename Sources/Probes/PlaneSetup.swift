import BPF
import Glibc
import Model
import ProbeRecords

/// Everything that is decided before the programs are loaded: which of them, their settings, and how large their maps are.
struct PlaneSetup {
    /// Hooks that this kernel does not have.
    let missingHooks: [Hook]
    let pmu: PMUCounters?
    private let limits: KernelPlane.Limits
    /// Whether programs can look at a kernel object by its address as at one that they were given.
    private let hasCast: Bool
    /// From a CPU's run queue to its preemption counter, bytes; nil where the kernel's types do not tell.
    private let preemptCountOffset: Int?

    init(_ limits: KernelPlane.Limits) throws(BPFError) {
        self.limits = limits
        pmu = try PMUCounters(limits.pmu, cpus: limits.cpus)
        let types = try KernelTypes()
        missingHooks = Hook.all.filter { $0.missing != nil && !types.hasTracepoint($0.tracepoint) }
        hasCast = types.hasFunction("bpf_rdonly_cast")
        preemptCountOffset = Self.preemptCountOffset(types)
    }

    var hasPageLookups: Bool {
        limits.hasPageCache && Hook.pageLookups.allSatisfy { hook in !isMissing(hook) }
    }

    /// Without the end of requests nothing is told of them, nor without their beginning, which has two names.
    var tellsRings: Bool {
        limits.hasRings
            && Hook.rings.allSatisfy { hook in
                !isMissing(hook) || hook.missing != Hook.ringRequests
                    || Hook.rings.contains { $0.program == hook.otherwise && !isMissing($0) }
            }
    }

    /// Counting is a matter of both calls: the one that submits and that which gives the results.
    var tellsAIO: Bool {
        limits.syscalls.contains(Int(STALL_CALL_IO_SUBMIT))
            && !limits.syscalls.isDisjoint(with: [
                Int(STALL_CALL_IO_GETEVENTS), Int(STALL_CALL_IO_PGETEVENTS),
            ]) && !Hook.syscalls.contains(where: isMissing)
    }

    /// What is attached: all that the kernel has and that is wanted.
    func hooks(for following: KernelPlane.Following) -> [Hook] {
        let unwanted = unwanted(for: following)
        return Hook.all.filter { hook in
            !isMissing(hook) && !unwanted.contains { $0.program == hook.program }
        }
    }

    private func isMissing(_ hook: Hook) -> Bool { missingHooks.contains { $0.program == hook.program } }

    private func unwanted(for following: KernelPlane.Following) -> [Hook] {
        var unwanted: [Hook] = []
        if following.endpoints.isEmpty { unwanted.append(Hook.endpoints) }
        if !limits.hasBlockIO { unwanted += Hook.block }
        if pmu == nil { unwanted.append(Hook.pmu) }
        if limits.syscalls.isEmpty { unwanted += Hook.syscalls }
        if !limits.hasPageCache { unwanted += Hook.pageCache }
        if !tellsRings { unwanted += Hook.rings }
        if !limits.hasStacks { unwanted += Hook.stacks }
        return unwanted
    }

    func configure(
        _ open: borrowing OpenObject, collectorPID: UInt32, following: KernelPlane.Following
    ) throws(BPFError) {
        for program in Set((missingHooks + unwanted(for: following)).map(\.program)) {
            try open.leaveOut(program: program)
        }
        if !limits.hasStacks { try open.leaveOut(program: "settle_stacks") }
        try open.set(section: ".rodata.config", to: config(collectorPID, following))
        try open.resize(map: "events", to: limits.eventBytes)
        try open.resize(
            map: "intervals", to: limits.hasIntervals ? limits.intervalBytes : UInt32(getpagesize()))
        try open.resize(map: "resources", to: limits.resources)
        try open.resize(map: "pmu_counters", to: pmu.map { UInt32($0.events.count) * $0.cpuPlaces } ?? 1)
        for banks in ["waits", "occupants"] { try open.resize(banks: banks, to: limits.waits) }
        try open.resize(banks: "pmu", to: pmu == nil ? 1 : limits.waits)
        for banks in ["calls", "traffic"] {
            try open.resize(banks: banks, to: limits.syscalls.isEmpty ? 1 : limits.waits)
        }
        // What nothing is added to keeps the one element that a map has to have.
        if !limits.hasBlockIO { try open.resize(banks: "block", to: 1) }
        if !limits.hasPageCache { try open.resize(banks: "pages", to: 1) }
        if !tellsRings { try open.resize(map: "ring_requests", to: 1) }
        try open.resize(map: "aio_requests", to: tellsAIO ? limits.waits : 1)
        if !tellsRings && !tellsAIO { try open.resize(banks: "async", to: 1) }
        if !limits.hasStacks { try open.resize(map: "stack_ids", to: 1) }
        try open.resize(banks: "stack_waits", to: limits.hasStacks ? limits.waits : 1)
    }

    private func config(_ collectorPID: UInt32, _ following: KernelPlane.Following) -> stall_config {
        var config = stall_config()
        config.collector_pid = collectorPID
        config.follow = following.communication ? 1 : 0
        config.follow_children = following.children ? 1 : 0
        config.hop_limit = following.hops
        config.process_limit = following.limit
        config.has_cast = hasCast ? 1 : 0
        config.pmu_events = UInt32(pmu?.events.count ?? 0)
        config.pmu_cpus = pmu?.cpuPlaces ?? 0
        config.has_intervals = limits.hasIntervals ? 1 : 0
        config.tells_starts = limits.tellsStarts ? 1 : 0
        config.thread_limit = limits.threads ?? 0
        config.counts_aio = tellsAIO ? 1 : 0
        config.has_page_lookups = hasPageLookups ? 1 : 0
        config.preempt_count_offset = Int64(preemptCountOffset ?? 0)
        Self.set(following.endpoints, in: &config)
        Self.set(limits.syscalls, in: &config)
        return config
    }

    /// The counter is a variable of its own, except in 6.2 to 6.14.
    private static func preemptCountOffset(_ types: KernelTypes) -> Int? {
        let variables = PerCPUVariables(types)
        return variables?.distance(from: "runqueues", to: "__preempt_count")
            ?? variables?.distance(from: "runqueues", to: "pcpu_hot", member: "preempt_count")
    }

    private static func set(_ endpoints: [(address: [UInt8], port: UInt16)], in config: inout stall_config) {
        let kept = endpoints.prefix(KernelPlane.Following.endpointLimit)
        config.endpoint_count = UInt32(kept.count)
        withUnsafeMutableBytes(of: &config.endpoints) { bytes in
            let places = bytes.bindMemory(to: stall_endpoint.self)
            for (index, endpoint) in kept.enumerated() {
                places[index].port = endpoint.port
                withUnsafeMutableBytes(of: &places[index].address) {
                    $0.copyBytes(from: endpoint.address.prefix(16))
                }
            }
        }
    }

    private static func set(_ syscalls: Set<Int>, in config: inout stall_config) {
        config.counts_calls = syscalls.isEmpty ? 0 : 1
        withUnsafeMutableBytes(of: &config.calls) { bytes in
            let words = bytes.bindMemory(to: UInt64.self)
            for number in syscalls where number >= 0 && number < words.count * 64 {
                words[number / 64] |= 1 << UInt64(number % 64)
            }
        }
    }
}
