/// The mounts that a process sees, to find the path under which it sees a file of some other process.
///
/// A table is as old as its reading; whoever keeps one reads it again when a device is not found.
public struct MountTable: Sendable {
    public let mounts: [Mount]
    /// Indices into `mounts` of those that show (a part of) a device, by device.
    private let byDevice: [DeviceNumber: [Int]]
    /// What is mounted at a path directly on a mount.
    private let children: [Place: Int]

    private struct Place: Hashable {
        /// An index into `mounts`, -1 for what lies outside of what the process can see.
        var parent: Int
        var point: String
    }

    /// - Parameter bytes: the content of a `mountinfo`.  Lines that are no such lines are left out.
    public init(parsing bytes: [UInt8]) {
        let mounts = bytes.lines.compactMap(Mount.init(parsing:))
        let indices = Dictionary(mounts.indices.map { (mounts[$0].id, $0) }, uniquingKeysWith: { $1 })
        let places = mounts.indices.map { index in
            let mount = mounts[index]
            let parent = mount.parent == mount.id ? nil : indices[mount.parent]
            return (Place(parent: parent ?? -1, point: mount.point), index)
        }
        self.mounts = mounts
        byDevice = Dictionary(grouping: mounts.indices) { mounts[$0].device }
        children = Dictionary(places, uniquingKeysWith: { $1 })
    }

    /// The path of a file for the process whose mounts these are.
    ///
    /// Of several paths it is the one of the mount that shows the smallest part of the file system, and of
    /// those the shortest.
    /// - Parameters:
    ///   - device: of the file system (`super_block.s_dev`).  For btrfs `stat` gives another number.
    ///   - path: from the root of the file system, beginning with "/".
    /// - Returns: nil if no mount shows the file: none has the device or that part of it, or others are
    ///   mounted over it.
    public func hostPath(device: DeviceNumber, pathInFileSystem path: String) -> String? {
        guard path.hasPrefix("/") else { return nil }
        var best: (root: Int, path: String)?
        for index in byDevice[device] ?? [] {
            let mount = mounts[index]
            guard let rest = Self.remainder(of: path, below: mount.root) else { continue }
            let found = Self.joined(mount.point, rest)
            let root = mount.root.utf8.count
            if let best, (best.root, -best.path.utf8.count) >= (root, -found.utf8.count) { continue }
            guard self.mount(showing: found) == index else { continue }
            best = (root, found)
        }
        return best?.path
    }

    /// The index of the mount that a path leads to, which is -1 for a place outside of all of them.
    private func mount(showing path: String) -> Int {
        var current = descend(from: -1, at: "/")
        var end = path.startIndex
        while end < path.endIndex {
            end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
            current = descend(from: current, at: String(path[..<end]))
        }
        return current
    }

    /// Through the mounts that are stacked at one place, up to the one on top.
    private func descend(from mount: Int, at point: String) -> Int {
        var current = mount
        // No ring of parents can be entered from outside, since each mount has one parent.
        while let next = children[Place(parent: current, point: point)] { current = next }
        return current
    }

    /// What is left of `path` below `root`, beginning with "/" unless it is empty; nil if it is not below.
    private static func remainder(of path: String, below root: String) -> Substring? {
        if root == "/" { return path == "/" ? "" : path[...] }
        guard path.hasPrefix(root) else { return nil }
        let rest = path.dropFirst(root.count)
        return rest.isEmpty || rest.hasPrefix("/") ? rest : nil
    }

    private static func joined(_ point: String, _ rest: Substring) -> String {
        if rest.isEmpty { return point }
        return point == "/" ? String(rest) : point + rest
    }
}

extension ProcTree {
    /// The mounts that this process sees; empty if they cannot be read.
    public func ownMounts() -> MountTable {
        MountTable(parsing: FileAccess.read("\(root)/self/mountinfo").bytes ?? [])
    }

    /// The mounts that another process sees; empty if it is gone.
    public func mounts(of pid: UInt32) -> MountTable {
        MountTable(parsing: FileAccess.read("\(root)/\(pid)/mountinfo").bytes ?? [])
    }
}
