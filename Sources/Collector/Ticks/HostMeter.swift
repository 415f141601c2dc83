import Model
import ProcFS

/// What the host's CPUs, run queues and devices did since the last look.
struct HostMeter {
    private let stat, load, schedule, disks: HeldFile?
    private let wholeDisks: Set<String>
    private var lastCPUs: [UInt32: HostCounters.CPU] = [:]
    private var lastWaited: UInt64?
    private var lastDisks: [String: HostCounters.Disk] = [:]

    init(proc: ProcTree = ProcTree(), sys: String = "/sys") {
        stat = HeldFile("\(proc.root)/stat")
        load = HeldFile("\(proc.root)/loadavg")
        schedule = HeldFile("\(proc.root)/schedstat")
        disks = HeldFile("\(proc.root)/diskstats")
        wholeDisks = HostCounters.wholeDisks(sys: sys)
        _ = read()
    }

    mutating func read() -> HostSample {
        var sample = HostSample()
        sample.cpus = readCPUs()
        sample.runQueue = readRunQueue()
        sample.devices = readDisks()
        return sample
    }

    private mutating func readCPUs() -> [HostCPUSample] {
        let now = HostCounters.cpus(parsing: stat?.read() ?? [])
        defer { lastCPUs = Dictionary(now.map { ($0.cpu, $0) }, uniquingKeysWith: { $1 }) }
        return now.compactMap { now in
            guard let then = lastCPUs[now.cpu] else { return nil }
            // Time that waits for I/O can be taken back, when the task that waited wakes up elsewhere.
            func since(_ part: (HostCounters.CPU) -> UInt64) -> UInt64 {
                (part(now) - min(part(then), part(now))) * 10_000_000
            }
            var sample = HostCPUSample(cpu: now.cpu)
            sample.user = since { $0.user &+ $0.nice }
            sample.system = since(\.system)
            sample.ioWait = since(\.ioWait)
            sample.irq = since(\.irq)
            sample.softirq = since(\.softirq)
            sample.steal = since(\.steal)
            sample.idle = since(\.idle)
            return sample
        }
    }

    private mutating func readRunQueue() -> RunQueueSample? {
        guard let now = load?.read().flatMap(HostCounters.load(parsing:)) else { return nil }
        let waited = schedule?.read().flatMap(HostCounters.waited(parsing:))
        defer { lastWaited = waited }
        // The collector is running while it looks.
        var sample = RunQueueSample(
            runnable: now.runnable - min(1, now.runnable), tasks: now.tasks, load: now.load)
        if let waited, let lastWaited { sample.waited = waited - min(waited, lastWaited) }
        return sample
    }

    private mutating func readDisks() -> [HostDeviceSample] {
        let now = HostCounters.disks(parsing: disks?.read() ?? []).filter { wholeDisks.contains($0.name) }
        defer { lastDisks = Dictionary(now.map { ($0.name, $0) }, uniquingKeysWith: { $1 }) }
        return now.compactMap { now in
            guard let then = lastDisks[now.name] else { return nil }
            func since(_ part: (HostCounters.Disk) -> UInt64) -> UInt64 {
                part(now) - min(part(then), part(now))
            }
            var sample = HostDeviceSample(device: now.name)
            sample.reads = since(\.reads)
            sample.writes = since(\.writes)
            sample.readBytes = since(\.readSectors) * 512
            sample.writtenBytes = since(\.writtenSectors) * 512
            sample.busy = since(\.busy) * 1_000_000
            sample.queued = since(\.queued) * 1_000_000
            sample.inFlight = now.inFlight
            return sample
        }
    }
}
