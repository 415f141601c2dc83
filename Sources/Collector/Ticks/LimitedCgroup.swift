import Model
import ProcFS

/// A cgroup that may have a limit of memory.
struct LimitedCgroup: CgroupMeter {
    private struct Counts {
        var events: CgroupCounters.MemoryEvents
        var refaults: UInt64
    }

    private let path, directory: String
    private let isUnified: Bool
    private var max, high: UInt64?
    private var current, events, oom, stat, swapFile: HeldFile?
    private var last: Counts?
    private var swap: UInt64 = 0

    init(_ path: String, _ directory: String, _ isUnified: Bool) {
        (self.path, self.directory, self.isUnified) = (path, directory, isUnified)
        readLimit()
        if hasLimit { _ = read() }
    }

    var hasLimit: Bool { max != nil || high != nil }

    mutating func readLimit() {
        func limit(_ name: String) -> UInt64? {
            HeldFile("\(directory)/\(name)")?.read().flatMap { CgroupCounters.limit(parsing: $0) }
        }
        max = limit(isUnified ? "memory.max" : "memory.limit_in_bytes")
        high = isUnified ? limit("memory.high") : nil
        if !hasLimit { closeAll() }
    }

    mutating func read() -> CgroupMemorySample? {
        openAll()
        guard let bytes = current?.read(), let now = readEvents() else {
            // Removed, and perhaps made again.
            closeAll()
            return nil
        }
        var sample = CgroupMemorySample(cgroup: path)
        sample.current = CgroupCounters.limit(parsing: bytes) ?? 0
        (sample.max, sample.high) = (max, high)
        // Adding up memory.stat takes the kernel longer than all the rest, and it is without interest while there is room.
        let limit = min(max ?? .max, high ?? .max)
        let isShort = now != last?.events || sample.current > limit - limit / 8 || last == nil
        var refaults = last?.refaults ?? 0
        if isShort, let bytes = stat?.read() {
            let memory = CgroupCounters.memory(parsingStat: bytes)
            refaults = memory.refaults
            swap = memory.swap ?? swapFile?.read().flatMap { CgroupCounters.limit(parsing: $0) } ?? 0
        }
        sample.swap = swap
        defer { last = Counts(events: now, refaults: refaults) }
        guard let last, now.max >= last.events.max, now.oomKills >= last.events.oomKills else { return nil }
        sample.maxEvents = now.max - last.events.max
        sample.highEvents = now.high &- last.events.high
        sample.oomKills = now.oomKills - last.events.oomKills
        sample.refaults = refaults - min(refaults, last.refaults)
        return sample
    }

    private func readEvents() -> CgroupCounters.MemoryEvents? {
        guard let bytes = events?.read() else { return nil }
        if isUnified { return CgroupCounters.events(parsing: bytes) }
        // v1 counts how often the limit was met in a file of its own.
        var counts = CgroupCounters.MemoryEvents()
        counts.max = CgroupCounters.limit(parsing: bytes) ?? 0
        counts.oomKills = CgroupCounters.values(parsing: oom?.read() ?? [])["oom_kill"] ?? 0
        return counts
    }

    private mutating func openAll() {
        guard current == nil else { return }
        func open(_ name: String) -> HeldFile? { HeldFile("\(directory)/\(name)") }
        current = open(isUnified ? "memory.current" : "memory.usage_in_bytes")
        events = open(isUnified ? "memory.events" : "memory.failcnt")
        oom = isUnified ? nil : open("memory.oom_control")
        stat = open("memory.stat")
        swapFile = isUnified ? open("memory.swap.current") : nil
    }

    private mutating func closeAll() {
        (current, events, oom, stat, swapFile) = (nil, nil, nil, nil, nil)
        last = nil
    }
}
