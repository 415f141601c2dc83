import Model
import ProcFS

/// What CPU quotas and memory limits did to the targets' cgroups since the last look.  A cgroup without a limit costs
/// next to nothing: it is looked at again only now and then, in case it gets one.
struct LimitMeter {
    private let cpuMount, memoryMount, ioMount: (directory: String, isUnified: Bool)?
    private var cpu: [String: ThrottledCgroup] = [:]
    private var memory: [String: LimitedCgroup] = [:]
    private var io: [String: IOLimitedCgroup] = [:]
    private var tick = 0
    /// Cgroups that are looked at, of each kind, and how many ticks one without a limit is left alone.
    private static let mostCgroups = 64
    private static let patience = 8

    init(hierarchies: [CgroupHierarchy]) {
        func mount(_ controller: String) -> (String, Bool)? {
            (hierarchies.first { $0.controllers.contains(controller) }
                ?? hierarchies.first(where: \.isUnified))
                .map { ($0.mountPoint, $0.isUnified) }
        }
        (cpuMount, memoryMount, ioMount) = (mount("cpu"), mount("memory"), mount("blkio"))
    }

    /// Samples of what has been seen before: the first look at a cgroup only begins its account.
    ///
    /// - Parameters:
    ///   - cpu: paths in the hierarchy of the cpu controller.
    ///   - memory: the same for memory.
    ///   - io: the same for requests to block devices.
    mutating func read(
        cpu cpuPaths: Set<String>, memory memoryPaths: Set<String>, io ioPaths: Set<String> = []
    )
        -> (cpu: [CgroupCPUSample], memory: [CgroupMemorySample], io: [CgroupIOSample])
    {
        tick += 1
        let cpuSamples = Self.read(cpuPaths, &cpu, tick, at: cpuMount) { ThrottledCgroup($0, $1, $2) }
        let memorySamples = Self.read(memoryPaths, &memory, tick, at: memoryMount) {
            LimitedCgroup($0, $1, $2)
        }
        let ioSamples = Self.read(ioPaths, &io, tick, at: ioMount) { IOLimitedCgroup($0, $1, $2) }
        return (cpuSamples, memorySamples, ioSamples.flatMap { $0 })
    }

    private static func read<Meter: CgroupMeter>(
        _ paths: Set<String>, _ meters: inout [String: Meter], _ tick: Int,
        at mount: (directory: String, isUnified: Bool)?, _ make: (String, String, Bool) -> Meter
    ) -> [Meter.Sample] {
        guard let mount else { return [] }
        let chosen = paths.count <= mostCgroups ? Array(paths) : Array(paths.sorted().prefix(mostCgroups))
        let isSame = meters.count == chosen.count && chosen.allSatisfy { meters[$0] != nil }
        if !isSame { meters = meters.filter { paths.contains($0.key) } }
        var samples: [Meter.Sample] = []
        for (place, path) in chosen.sorted().enumerated() {
            // Not all in the same tick.
            let isTurn = (tick + place) % patience == 0
            guard var meter = meters[path] else {
                meters[path] = make(path, mount.directory + path, mount.isUnified)
                continue
            }
            if isTurn { meter.readLimit() }
            if meter.hasLimit, let sample = meter.read() { samples.append(sample) }
            meters[path] = meter
        }
        return samples
    }
}

/// One cgroup under one controller.
protocol CgroupMeter {
    associatedtype Sample
    var hasLimit: Bool { get }
    mutating func readLimit()
    /// nil if this was the first look, or the cgroup is gone.
    mutating func read() -> Sample?
}
