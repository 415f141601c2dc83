/// One resolution under way: what it looked at and what it found.
struct Resolution {
    static let allReason = "asked for by --all"

    private let snapshot: ProcessSnapshot
    private let excluded: Set<UInt32>
    private let proc: ProcTree
    private let candidates: [ProcessStat]
    private var targets: [TargetSelection.Target] = []
    private var seen: Set<UInt32> = []
    private var notes: [String] = []

    init(snapshot: ProcessSnapshot, excluded: Set<UInt32>, proc: ProcTree) {
        self.snapshot = snapshot
        self.excluded = excluded
        self.proc = proc
        candidates = snapshot.pids.compactMap { snapshot.processes[$0] }
            .filter { !$0.isKernelThread && !$0.isDead && !excluded.contains($0.pid) }
    }

    static func reason(_ what: String, _ pattern: TargetPattern) -> String {
        "\(what) matches '\(pattern.text)'"
    }

    mutating func add(pid asked: UInt32) throws(TargetError) {
        guard asked != 0, let owner = proc.process(ofThread: asked), let stat = proc.stat(owner) else {
            throw .noSuchProcess(pid: asked)
        }
        if stat.isKernelThread { throw .kernelThread(pid: asked, comm: stat.comm) }
        if stat.isDead { throw .exited(pid: asked, comm: stat.comm) }
        if excluded.contains(owner) { throw .isCollector(pid: asked, comm: stat.comm) }
        if owner != asked {
            notes.append(
                "\(asked) is a thread of process \(owner) (\(stat.comm)), which is recorded with all its "
                    + "threads.")
        }
        add(owner, reason: "asked for by --pid \(asked)")
    }

    mutating func add(
        option: String, pattern: TargetPattern, what: String, subject: (ProcessStat) -> String
    ) throws(TargetError) {
        let matching = candidates.filter { pattern.matches(subject($0)) }
        guard !matching.isEmpty else {
            let kernelThreads = snapshot.processes.values.filter {
                $0.isKernelThread && what == "comm" && pattern.matches(subject($0))
            }
            throw .noMatch(
                option: option, pattern: pattern.text, examined: candidates.count,
                kernelThreads: kernelThreads.count)
        }
        for stat in matching { add(stat.pid, reason: Self.reason(what, pattern)) }
    }

    mutating func add(cgroup path: String, finder: CgroupFinder) throws(TargetError) {
        let found = finder.find(path)
        guard !found.isEmpty else {
            throw .noSuchCgroup(path: path, hierarchies: finder.hierarchies.map(\.name))
        }
        // The same path may exist in several v1 hierarchies: the first that holds processes is meant.
        let usable = Set(candidates.map(\.pid))
        for cgroup in found {
            let pids = cgroup.pids.filter(usable.contains)
            guard !pids.isEmpty else { continue }
            for pid in pids { add(pid, reason: Self.reason(cgroup)) }
            return
        }
        throw .emptyCgroup(path: path, hierarchies: found.map(\.hierarchy.name))
    }

    static func reason(_ cgroup: FoundCgroup) -> String {
        "in cgroup \(cgroup.path) (\(cgroup.hierarchy.name))"
    }

    mutating func addAll() {
        for stat in candidates { add(stat.pid, reason: Self.allReason) }
    }

    /// Adds what the targets have started, and is done.
    func finish() -> TargetSelection {
        var complete = targets
        var seen = seen
        let usable = Set(candidates.map(\.pid))
        for root in targets {
            for pid in snapshot.descendants(of: root.pid, excluding: excluded) where usable.contains(pid) {
                guard seen.insert(pid).inserted, let stat = snapshot.processes[pid] else { continue }
                let parent = snapshot.processes[stat.parentPID]?.comm ?? "?"
                complete.append(
                    .init(pid: pid, reason: "child of \(stat.parentPID) (\(parent))", isRoot: false))
            }
        }
        return TargetSelection(targets: complete, notes: notes, examined: candidates.count)
    }

    private mutating func add(_ pid: UInt32, reason: String) {
        guard seen.insert(pid).inserted else { return }
        targets.append(.init(pid: pid, reason: reason, isRoot: true))
    }
}
