import Model

/// Causes as people tell them apart: all threads of a program that compute behind the same kind of lock are one.
struct Ranking {
    /// By names, so that causes compare between recordings and over restarts.
    struct Identity: Hashable {
        var kind: CauseClass
        /// Whether it is the entry threads' own computing.
        var isOwn: Bool
        var name: String

        var text: String { "\(kind.rawValue) \(isOwn ? "own" : "other") \(name)" }
    }

    struct Group {
        var time: UInt64 = 0
        var parties: [Party: UInt64] = [:]
        var paths: [Ledger.Path] = []
    }

    private let evidence: Evidence
    private let throttled: ThrottledIO
    private(set) var groups: [Identity: Group] = [:]
    let service: UInt64
    let idle: UInt64
    let units: Int
    /// How busy the entry threads were in the seconds in which they had something to do, 0 to 1.
    let busy: Double

    /// - Parameter times: what the bins stand for, ns since the Unix epoch.
    init(_ evidence: Evidence, _ ledger: Ledger, _ bins: [Range<Int>], times: [Range<UInt64>]) {
        self.evidence = evidence
        let sum = bins.reduce(into: Ledger.Bin()) { $0 += ledger.sum($1) }
        (service, idle, units) = (sum.service, sum.idle, sum.units)
        busy = sum.service == 0 ? 0 : sum.pressed / Double(sum.service)
        throttled = ThrottledIO(evidence, sum, times)
        for (key, time) in sum.causes {
            let identity = identity(of: key)
            groups[identity, default: Group()].time += time
            groups[identity]?.parties[key.terminal.party, default: 0] += time
            groups[identity]?.paths += ledger.paths[key] ?? []
        }
    }

    var seen: UInt64 { service + idle }
    var servicePerUnit: Double? { units == 0 ? nil : Double(service) / Double(units) }

    func time(_ identity: Identity) -> UInt64 { groups[identity]?.time ?? 0 }
    func share(_ identity: Identity) -> Double {
        service == 0 ? 0 : Double(time(identity)) / Double(service)
    }

    /// The entry threads' own computing, ns.
    var ownComputing: UInt64 {
        groups.reduce(0) { $0 + ($1.key.kind == .onCPU && $1.key.isOwn ? $1.value.time : 0) }
    }

    var unattributed: Double {
        let time = groups.reduce(UInt64(0)) { $0 + ($1.key.kind == .unattributed ? $1.value.time : 0) }
        return service == 0 ? 0 : Double(time) / Double(service)
    }

    func identity(of key: CauseKey) -> Identity {
        if let group = throttled.group(of: key.terminal) {
            return Identity(kind: .ioThrottle, isOwn: false, name: group)
        }
        let isOwn = key.terminal.kind == .onCPU && key.via == "self"
        return Identity(kind: key.terminal.kind, isOwn: isOwn, name: name(of: key.terminal))
    }

    private func name(of terminal: Terminal) -> String {
        switch terminal.party {
        case .thread(let index): evidence.threads[Int(index)].processComm
        case .stranger(let index): evidence.wakers[Int(index)].comm
        case .occupant(let index): occupantName(evidence.occupants[Int(index)])
        case .device(let number, _): "\(number)"
        case .endpoint(let index): index < 0 ? "" : evidence.resources[Int(index)].remoteAddress
        case .cgroup(let index): evidence.threads[Int(index)].cgroup
        case .hypervisor, .unknown: ""
        }
    }

    private func occupantName(_ occupant: Occupant) -> String {
        switch occupant.kind {
        case .quota: occupant.cgroup
        case .stolen: "hypervisor"
        default: occupant.comm
        }
    }
}
