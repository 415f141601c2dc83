/// Paths of cgroups by the kernel's ids of them.
public struct CgroupIDs {
    private let hierarchy: CgroupHierarchy?
    private var paths: [UInt64: String] = [:]
    /// Ids that no directory had when they were looked for: cgroups that are gone.
    private var unknown: Set<UInt64> = []
    private static let kept = 100_000

    /// - Parameters:
    ///   - controller: whose hierarchy of version 1 the ids are from, "blkio"; where it has none, they are from the
    ///     unified one.
    public init(controller: String, hierarchies: [CgroupHierarchy]) {
        hierarchy =
            hierarchies.first { $0.controllers.contains(controller) } ?? hierarchies.first(where: \.isUnified)
    }

    /// As ``init(controller:hierarchies:)``, of what is mounted where this process can see it.
    public init(controller: String, proc: ProcTree = ProcTree()) {
        self.init(controller: controller, hierarchies: CgroupFinder(proc: proc).hierarchies)
    }

    /// `/system.slice/redis.service`; empty if there is no such cgroup.
    public mutating func path(of id: UInt64) -> String {
        if let path = paths[id] { return path }
        guard id != 0, !unknown.contains(id) else { return "" }
        // Ids are not used again soon, so what is known stays true.
        if paths.count + unknown.count >= Self.kept {
            paths.removeAll()
            unknown.removeAll()
        }
        readAll()
        if paths[id] == nil { unknown.insert(id) }
        return paths[id] ?? ""
    }

    /// The inode number of a cgroup's directory is its id: kernfs, on 64-bit kernels since 5.5.
    private mutating func readAll() {
        guard let hierarchy else { return }
        var pending = ["/"]
        while let path = pending.popLast() {
            let directory = path == "/" ? hierarchy.mountPoint : hierarchy.mountPoint + path
            guard let status = FileAccess.status(of: directory) else { continue }
            paths[UInt64(status.st_ino)] = path
            for name in FileAccess.names(in: directory) ?? [] {
                let below = path == "/" ? "/\(name)" : "\(path)/\(name)"
                if FileAccess.isDirectory(hierarchy.mountPoint + below) { pending.append(below) }
            }
        }
    }
}
