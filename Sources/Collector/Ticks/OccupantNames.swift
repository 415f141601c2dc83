import Model
import Probes
import ProcFS

/// Says of an occupant which cgroup it belongs to, and of a quota whose it was and whether it really was one.
struct OccupantNames {
    private struct KnownQuota {
        var quota: CPUQuota?
        var throttled: UInt64
        /// It has kept threads from running in the present tick.
        var isInForce = false
        var tick: Int64
    }

    private let source: any ProcessFactsSource
    private var cgroups: [UInt32: String] = [:]
    private var quotas: [UInt32: KnownQuota] = [:]
    /// Processes come and go: beyond this many everything is asked anew.
    private static let kept = 10_000

    init(source: any ProcessFactsSource) { self.source = source }

    /// - Parameter owner: the process whose thread was in the run queue.
    mutating func complete(_ occupant: Occupant, owner: UInt32, tick: Int64) -> Occupant {
        var occupant = occupant
        switch occupant.kind {
        case .thread where occupant.cgroup.isEmpty: occupant.cgroup = cgroup(of: occupant.pid)
        case .quota:
            let quota = quota(of: owner, tick: tick)
            if let quota = quota.quota { occupant.cgroup = quota.path }
            // The CPU was idle, and a quota exists, but the kernel has counted no throttling: mere latency.
            if occupant.isSupposed, !quota.isInForce { occupant = Occupant(kind: .latency) }
            occupant.isSupposed = false
        case .thread, .unknown, .latency, .stolen: break
        }
        return occupant
    }

    private mutating func cgroup(of pid: UInt32) -> String {
        if let known = cgroups[pid] { return known }
        if cgroups.count >= Self.kept { cgroups.removeAll() }
        let cgroup = source.cgroup(of: pid) ?? ""
        cgroups[pid] = cgroup
        return cgroup
    }

    /// The quota that binds a process, and whether its `cpu.stat` has counted throttling since the last tick.  Its
    /// counters move when a throttled cgroup runs again, so one tick later counts too.
    private mutating func quota(of pid: UInt32, tick: Int64) -> KnownQuota {
        if quotas.count >= Self.kept { quotas.removeAll() }
        var known = quotas[pid] ?? KnownQuota(quota: source.cpuQuota(of: pid), throttled: 0, tick: tick - 2)
        if known.tick != tick {
            if known.quota == nil { known.quota = source.cpuQuota(of: pid) }
            let throttled = known.quota?.throttledTime() ?? 0
            let wasInForce = known.isInForce && known.tick == tick - 1
            known.isInForce = throttled > known.throttled || (wasInForce && throttled > 0)
            known.throttled = throttled
            known.tick = tick
            quotas[pid] = known
        }
        return known
    }
}
