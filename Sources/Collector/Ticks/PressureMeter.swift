import Model
import ProcFS

/// How much stall time the kernel has counted since the last look, for the host and for cgroups of targets.
struct PressureMeter {
    private struct Key: Hashable {
        var cgroup: String
        var resource: PressureResource
    }

    private let proc: ProcTree
    /// Where the unified hierarchy is mounted: only its cgroups have pressure files.
    private let mountPoint: String?
    private var last: [Key: PressureTotals] = [:]
    /// Reading three small files for each takes some 30 us.
    private static let mostCgroups = 64

    init(proc: ProcTree = ProcTree()) {
        self.init(
            proc: proc, mountPoint: CgroupFinder(proc: proc).hierarchies.first(where: \.isUnified)?.mountPoint
        )
    }

    init(proc: ProcTree, mountPoint: String?) {
        self.proc = proc
        self.mountPoint = mountPoint
        _ = read(cgroups: [])
    }

    /// Samples of what has been seen before: the first look at a cgroup only begins its account.
    ///
    /// - Parameter cgroups: paths in the unified hierarchy; others are passed over.
    mutating func read(cgroups: Set<String>) -> [PressureSample] {
        var present: [Key: PressureTotals] = [:]
        for resource in PressureResource.allCases {
            present[Key(cgroup: "", resource: resource)] = .read("\(proc.root)/pressure/\(resource.rawValue)")
        }
        for cgroup in cgroups.filter({ $0 != "/" && !$0.isEmpty }).sorted().prefix(Self.mostCgroups) {
            guard let mountPoint else { break }
            for resource in PressureResource.allCases {
                let file = "\(mountPoint)\(cgroup)/\(resource.rawValue).pressure"
                present[Key(cgroup: cgroup, resource: resource)] = .read(file)
            }
        }
        defer { last = present }
        return present.compactMap { key, now in last[key].map { Self.sample(key, now, since: $0) } }
            .sorted { ($0.cgroup, $0.resource.rawValue) < ($1.cgroup, $1.resource.rawValue) }
    }

    private static func sample(_ key: Key, _ now: PressureTotals, since then: PressureTotals)
        -> PressureSample
    {
        // A cgroup that was removed and made again begins at nothing.
        let isSame = now.some >= then.some && now.full >= then.full
        return PressureSample(
            cgroup: key.cgroup, resource: key.resource,
            some: (isSame ? now.some - then.some : now.some) * 1000,
            full: (isSame ? now.full - then.full : now.full) * 1000)
    }
}
