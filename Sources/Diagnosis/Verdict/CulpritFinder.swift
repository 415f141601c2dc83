import Model

/// Says who a group of causes is, by the party with the most time.
struct CulpritFinder {
    private let evidence: Evidence
    /// Which ticks' device loads count.
    private let window: Range<UInt64>

    init(_ evidence: Evidence, window: Range<UInt64>) {
        self.evidence = evidence
        self.window = window
    }

    /// A thread is the culprit, and not its process, if it makes up this share of the process's part.
    private static let oneThread = 0.5
    /// Another's share of a device's time from which on it is the one that loads it.
    private static let loader = 0.35

    func culprit(_ kind: CauseClass, _ group: Ranking.Group) -> Culprit {
        let top = group.parties.max { $0.value != $1.value ? $0.value < $1.value : "\($0.key)" > "\($1.key)" }
        guard let top else { return Culprit(kind: "unknown") }
        switch top.key {
        case .thread(let index):
            let isOne = Double(top.value) >= Double(group.time) * Self.oneThread
            return culprit(evidence.threads[Int(index)], isOne: isOne)
        case .stranger(let index):
            let waker = evidence.wakers[Int(index)]
            var culprit = Culprit(kind: "process")
            (culprit.pid, culprit.tid, culprit.comm) = (waker.pid, waker.tid, waker.comm)
            if kind == .remoteEndpoint || kind == .network { culprit.endpoint = endpoint(of: group) }
            return culprit
        case .occupant(let index): return culprit(evidence.occupants[Int(index)])
        case .device(_, let thread) where kind == .ioThrottle:
            let group = evidence.surroundings.underIOLimit[evidence.threads[Int(thread)].pid]
            var culprit = culprit(evidence.threads[Int(thread)], isOne: false)
            (culprit.kind, culprit.cgroup) = ("cgroup", group)
            return culprit
        case .device(let device, _): return loader(of: device)
        case .endpoint(let index):
            var culprit = Culprit(kind: "endpoint")
            if index >= 0 { culprit.endpoint = address(evidence.resources[Int(index)]) }
            return culprit
        case .cgroup(let index):
            var culprit = culprit(evidence.threads[Int(index)], isOne: false)
            culprit.kind = "cgroup"
            if let group = evidence.surroundings.atMemoryLimit[evidence.threads[Int(index)].pid] {
                culprit.cgroup = group
            }
            return culprit
        case .hypervisor: return Culprit(kind: "hypervisor")
        case .unknown: return Culprit(kind: "unknown")
        }
    }

    private func culprit(_ thread: ThreadFacts, isOne: Bool) -> Culprit {
        var culprit = Culprit(kind: isOne ? "thread" : "process")
        (culprit.pid, culprit.tid) = (thread.pid, thread.tid)
        culprit.comm = thread.processComm
        culprit.commandLine = thread.commandLine.isEmpty ? nil : thread.commandLine
        culprit.cgroup = thread.cgroup.isEmpty ? nil : thread.cgroup
        culprit.container = thread.container.isEmpty ? nil : thread.container
        return culprit
    }

    private func culprit(_ occupant: Occupant) -> Culprit {
        switch occupant.kind {
        case .quota:
            var culprit = Culprit(kind: "cgroup")
            culprit.cgroup = occupant.cgroup
            return culprit
        case .stolen: return Culprit(kind: "hypervisor")
        default:
            var culprit = Culprit(kind: "process")
            (culprit.pid, culprit.tid, culprit.comm) = (occupant.pid, occupant.tid, occupant.comm)
            culprit.cgroup = occupant.cgroup.isEmpty ? nil : occupant.cgroup
            // The thread's own name is not always that of its process.
            if let known = evidence.threads.last(where: { $0.pid == occupant.pid }) {
                culprit.comm = known.processComm
                culprit.commandLine = known.commandLine.isEmpty ? nil : known.commandLine
            }
            return culprit
        }
    }

    /// Whoever else keeps the device busy; if nobody does, the application itself.
    private func loader(of device: UInt32) -> Culprit {
        let surroundings = evidence.surroundings
        var loads: [UInt32: (time: UInt64, comm: String, cgroup: String)] = [:]
        var busiest: [UInt32: UInt64] = [:]
        for load in surroundings.deviceLoads where window.contains(load.time) {
            busiest[load.device, default: 0] += load.deviceTime
        }
        let device = device != 0 ? device : busiest.max { $0.value < $1.value }?.key ?? 0
        for load in surroundings.deviceLoads where load.device == device && window.contains(load.time) {
            loads[load.pid, default: (0, load.comm, load.cgroup)].time += load.deviceTime
        }
        let whole = loads.values.reduce(UInt64(0)) { $0 + $1.time }
        // One program may load it from several processes.
        // The kernel's workers write for whoever they were asked by.
        let others = loads.filter {
            !evidence.rootPIDs.contains($0.key) && $0.key != 0 && !$0.value.comm.hasPrefix("kworker/")
        }
        let programs = Dictionary(grouping: others, by: { $0.value.comm })
            .mapValues { $0.reduce(UInt64(0)) { $0 + $1.value.time } }
        var culprit = Culprit(kind: "device")
        culprit.device =
            surroundings.deviceNames[device] ?? (device == 0 ? nil : "\(device >> 20):\(device & 0xfffff)")
        let program = programs.max { $0.value < $1.value }
        let own = loads.filter { evidence.rootPIDs.contains($0.key) }.max { $0.value.time < $1.value.time }
        if let program, Double(program.value) >= Double(whole) * Self.loader {
            let process = others.filter { $0.value.comm == program.key }.max { $0.value.time < $1.value.time }
            (culprit.pid, culprit.comm) = (process?.key, program.key)
            culprit.cgroup = process?.value.cgroup
        } else if let own {
            (culprit.pid, culprit.comm) = (own.key, own.value.comm)
            culprit.cgroup = own.value.cgroup
        }
        if culprit.cgroup?.isEmpty == true { culprit.cgroup = nil }
        return culprit
    }

    private func endpoint(of group: Ranking.Group) -> String? {
        let hop = group.paths.max { $0.time < $1.time }?.hops.last
        guard let hop, hop.resource >= 0 else { return nil }
        return address(evidence.resources[Int(hop.resource)])
    }

    private func address(_ resource: Resource) -> String {
        resource.remoteAddress.isEmpty ? resource.name : resource.remoteAddress
    }
}
