import Model
import ProcFS

/// The host around the targets, and the limits that they live under: all that is read once a tick.
struct Surroundings {
    private var host: HostMeter
    private var places: TargetPlaces
    private var limits: LimitMeter
    private var network: NetworkMeter
    /// Those that have been told.
    private var limited: Set<LimitedProcess> = []

    init(proc: ProcTree = ProcTree(), sys: String = "/sys") {
        let hierarchies = CgroupFinder(proc: proc).hierarchies
        host = HostMeter(proc: proc, sys: sys)
        places = TargetPlaces(proc: proc, hierarchies: hierarchies)
        limits = LimitMeter(hierarchies: hierarchies)
        network = NetworkMeter(proc: proc)
    }

    /// The account of the cgroups and namespaces that new targets are in begins now.
    mutating func begin(_ pids: some Collection<UInt32>) { _ = readPlaces(of: pids) }

    /// - Parameter pids: the targets that are alive.
    mutating func read(_ pids: some Collection<UInt32>) -> SurroundingsSample {
        var sample = readPlaces(of: pids)
        sample.host = host.read()
        return sample
    }

    private mutating func readPlaces(of pids: some Collection<UInt32>) -> SurroundingsSample {
        places.update(pids)
        let all = places.places
        var sample = SurroundingsSample()
        (sample.cgroupCPU, sample.cgroupMemory, sample.cgroupIO) = limits.read(
            cpu: TargetPlaces.withAncestors(all.values.map(\.cpu)),
            memory: TargetPlaces.withAncestors(all.values.map(\.memory)),
            io: TargetPlaces.withAncestors(all.values.map(\.io)))
        noteLimited(all, &sample)
        var namespaces: [UInt32: UInt32] = [:]
        for (pid, place) in all {
            // The oldest is likely to live longest.
            if let namespace = place.namespace {
                namespaces[namespace] = min(namespaces[namespace] ?? pid, pid)
            }
        }
        sample.network = network.read(namespaces)
        return sample
    }

    private mutating func noteLimited(
        _ places: [UInt32: TargetPlaces.Place], _ sample: inout SurroundingsSample
    ) {
        let memory = Set(sample.cgroupMemory.map(\.cgroup))
        let io = Set(sample.cgroupIO.map(\.cgroup))
        if memory.isEmpty, io.isEmpty { return }
        limited = limited.filter { places[$0.pid] != nil }
        for (pid, place) in places {
            for (path, groups, controller) in [(place.memory, memory, .memory), (place.io, io, .io)]
                as [(String?, Set<String>, LimitedProcess.Controller)]
            {
                for group in TargetPlaces.withAncestors([path]) where groups.contains(group) {
                    let process = LimitedProcess(pid: pid, controller: controller, cgroup: group)
                    if limited.insert(process).inserted { sample.limited.append(process) }
                }
            }
        }
    }
}
