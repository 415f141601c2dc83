/// One mounted cgroup hierarchy, from `/proc/self/mountinfo`.
public struct CgroupHierarchy: Sendable, Equatable {
    /// Empty for the unified hierarchy (v2).
    public var controllers: [String]
    /// Where it is mounted.
    public var mountPoint: String
    /// The cgroup that the mount point shows: "/", or that of the container which we are in.
    public var mountRoot: String

    public init(controllers: [String], mountPoint: String, mountRoot: String = "/") {
        self.controllers = controllers
        self.mountPoint = mountPoint
        self.mountRoot = mountRoot
    }

    public var isUnified: Bool { controllers.isEmpty }

    /// "unified (v2)", "cpu,cpuacct", "name=systemd".
    public var name: String { isUnified ? "unified (v2)" : controllers.joined(separator: ",") }

    /// All cgroup hierarchies, the unified one first, then systemd's, then the others.
    public static func parse(mountinfo bytes: [UInt8]) -> [CgroupHierarchy] {
        let all = bytes.lines.compactMap(Mount.init(parsing:)).compactMap(hierarchy(of:))
        // A hierarchy may be mounted more than once; one place is enough.
        var seen: Set<[String]> = []
        let distinct = all.filter { seen.insert($0.controllers).inserted }
        return distinct.filter(\.isUnified)
            + distinct.filter { $0.controllers.contains("name=systemd") }
            + distinct.filter { !$0.isUnified && !$0.controllers.contains("name=systemd") }
    }

    private static func hierarchy(of mount: Mount) -> CgroupHierarchy? {
        guard mount.type == "cgroup" || mount.type == "cgroup2" else { return nil }
        let options = mount.superOptions.split(separator: ",").map(String.init)
        let controllers = options.filter { option in
            !Self.mountOptions.contains(option) && (!option.contains("=") || option.hasPrefix("name="))
        }
        let isUnified = mount.type == "cgroup2"
        guard isUnified || !controllers.isEmpty else { return nil }
        return CgroupHierarchy(
            controllers: isUnified ? [] : controllers, mountPoint: mount.point, mountRoot: mount.root)
    }

    /// Super block options that are not controllers.
    private static let mountOptions: Set = ["rw", "ro", "xattr", "noprefix", "clone_children", "all", "none"]
}
