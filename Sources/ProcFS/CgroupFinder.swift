import Glibc

/// A cgroup that was found by the path that a user gave.
public struct FoundCgroup: Sendable, Equatable {
    public var hierarchy: CgroupHierarchy
    /// Below the hierarchy's mount point, beginning with "/".
    public var path: String
    /// The directory that stands for it.
    public var directory: String
    /// Processes in it and in all cgroups below it, in ascending order.
    public var pids: [UInt32]
    /// The id that `bpf_get_current_cgroup_id` gives for it (its kernfs id); nil outside the unified hierarchy.
    public var unifiedID: UInt64?
}

/// Finds cgroups and the processes in them.
public struct CgroupFinder: Sendable {
    public var hierarchies: [CgroupHierarchy]
    private let proc: ProcTree

    public init(hierarchies: [CgroupHierarchy], proc: ProcTree = ProcTree()) {
        self.hierarchies = hierarchies
        self.proc = proc
    }

    /// The hierarchies that are mounted where this process can see them.
    public init(proc: ProcTree = ProcTree()) {
        let mountinfo = FileAccess.read("\(proc.root)/self/mountinfo").bytes ?? []
        self.init(hierarchies: CgroupHierarchy.parse(mountinfo: mountinfo), proc: proc)
    }

    /// All cgroups that a user's words may mean, those of the unified hierarchy first.
    ///
    /// - Parameter path: a directory of the cgroup file system ("/sys/fs/cgroup/system.slice"), a path
    ///   within a hierarchy as `/proc/PID/cgroup` shows it ("/system.slice/redis.service"), or the same for
    ///   one controller ("memory:/docker/1f3a").
    public func find(_ path: String) -> [FoundCgroup] {
        for hierarchy in hierarchies {
            if let inside = Self.remainder(of: path, below: hierarchy.mountPoint) {
                return found(inside, in: hierarchy).map { [$0] } ?? []
            }
        }
        if !path.hasPrefix("/"), let colon = path.firstIndex(of: ":") {
            let name = String(path[..<colon])
            if let hierarchy = hierarchies.first(where: { $0.controllers.contains(name) }) {
                return candidates(String(path[path.index(after: colon)...]), in: hierarchy)
            }
        }
        return hierarchies.flatMap { candidates(path, in: $0) }
    }

    private func candidates(_ path: String, in hierarchy: CgroupHierarchy) -> [FoundCgroup] {
        // In a container the mount shows the container's cgroup as its root, and /proc shows the whole path.
        let inside = Self.remainder(of: path, below: hierarchy.mountRoot) ?? path
        return found(inside, in: hierarchy).map { [$0] } ?? []
    }

    private func found(_ path: String, in hierarchy: CgroupHierarchy) -> FoundCgroup? {
        let components = path.split(separator: "/")
        // ".." would leave the hierarchy.
        guard !components.contains("..") else { return nil }
        let normal = "/" + components.joined(separator: "/")
        let directory = normal == "/" ? hierarchy.mountPoint : hierarchy.mountPoint + normal
        guard FileAccess.isDirectory(directory), let status = FileAccess.status(of: directory) else {
            return nil
        }
        return FoundCgroup(
            hierarchy: hierarchy, path: normal, directory: directory, pids: pids(below: directory),
            // On 64-bit kernels since 5.5 the inode number is the kernfs id.
            unifiedID: hierarchy.isUnified ? UInt64(status.st_ino) : nil)
    }

    private func pids(below directory: String) -> [UInt32] {
        var pids: Set<UInt32> = []
        var pending = [directory]
        while let directory = pending.popLast() {
            pids.formUnion(self.pids(in: directory))
            let names = FileAccess.names(in: directory) ?? []
            pending += names.map { "\(directory)/\($0)" }.filter(FileAccess.isDirectory)
        }
        return pids.sorted()
    }

    private func pids(in directory: String) -> [UInt32] {
        // 0 stands for a process that our pid namespace does not show.
        func numbers(_ bytes: [UInt8]) -> [UInt32] { bytes.lines.compactMap(\.decimal32).filter { $0 != 0 } }
        switch FileAccess.read("\(directory)/cgroup.procs") {
        case .read(let bytes): return numbers(bytes)
        case .refused(EOPNOTSUPP):
            // A threaded cgroup (v2) lists threads only.
            let threads = FileAccess.read("\(directory)/cgroup.threads").bytes ?? []
            return numbers(threads).compactMap { proc.process(ofThread: $0) }
        case .refused, .absent: return []
        }
    }

    /// What is left of `path` after `prefix`, nil if it does not lie below it.
    private static func remainder(of path: String, below prefix: String) -> String? {
        guard prefix != "/" else { return path.hasPrefix("/") ? path : nil }
        guard path == prefix || path.hasPrefix(prefix + "/") else { return nil }
        return String(path.dropFirst(prefix.count))
    }
}
