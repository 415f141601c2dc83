import ProcFS

/// In which cgroups and network namespaces the targets are: looked up when a process is new, and again in turn, because
/// a process may be moved.
struct TargetPlaces {
    struct Place: Equatable {
        var cpu: String?
        var memory: String?
        var io: String?
        var namespace: UInt32?
    }

    private let proc: ProcTree
    private let isUnified: (cpu: Bool, memory: Bool, io: Bool)
    private(set) var places: [UInt32: Place] = [:]
    private var alive: Set<UInt32> = []
    private var turn: ArraySlice<UInt32> = []
    /// Looking one up takes some 20 us.
    private static let newAtOnce = 64
    private static let againAtOnce = 4

    /// - Parameter hierarchies: those that are mounted.
    init(proc: ProcTree, hierarchies: [CgroupHierarchy]) {
        self.proc = proc
        func isUnified(_ controller: String) -> Bool {
            !hierarchies.contains { $0.controllers.contains(controller) }
        }
        self.isUnified = (isUnified("cpu"), isUnified("memory"), isUnified("blkio"))
    }

    /// - Parameter pids: those that are alive.  Of those that have ended since the last time, the cgroups are kept until
    ///   the next: a limit may be what has ended them.
    mutating func update(_ pids: some Collection<UInt32>) {
        let present = Set(pids)
        let ended = alive.subtracting(present)
        if places.contains(where: { !present.contains($0.key) && !ended.contains($0.key) }) {
            places = places.filter { present.contains($0.key) || ended.contains($0.key) }
        }
        for pid in ended { places[pid]?.namespace = nil }
        let new = present.subtracting(places.keys)
        for pid in new.prefix(Self.newAtOnce) { places[pid] = place(of: pid) }
        alive = present
        if turn.isEmpty { turn = present.sorted()[...] }
        for pid in turn.prefix(Self.againAtOnce) where present.contains(pid) { places[pid] = place(of: pid) }
        turn = turn.dropFirst(Self.againAtOnce)
    }

    private func place(of pid: UInt32) -> Place {
        let memberships = proc.cgroups(of: pid)
        return Place(
            cpu: isUnified.cpu ? memberships.unified : memberships.path(ofController: "cpu"),
            memory: isUnified.memory ? memberships.unified : memberships.path(ofController: "memory"),
            io: isUnified.io ? memberships.unified : memberships.path(ofController: "blkio"),
            namespace: proc.networkNamespace(of: pid))
    }

    /// The cgroups themselves and all above them, but for the root, which has no limits.
    static func withAncestors(_ paths: some Sequence<String?>) -> Set<String> {
        var all: Set<String> = []
        for path in paths {
            var components = (path ?? "").split(separator: "/")
            // In the mount of a container nothing lies above its own cgroup.
            guard !components.contains("..") else { continue }
            while !components.isEmpty, all.insert("/" + components.joined(separator: "/")).inserted {
                components.removeLast()
            }
        }
        return all
    }
}
