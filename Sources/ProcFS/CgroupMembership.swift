/// The cgroups that a process is in, one per hierarchy, from `/proc/PID/cgroup`.
public struct CgroupMembership: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// "cpu", "memory", "name=systemd"; empty for the unified hierarchy (v2).
        public var controllers: [String]
        public var path: String

        public init(controllers: [String], path: String) {
            self.controllers = controllers
            self.path = path
        }
    }

    public var entries: [Entry]

    public init(entries: [Entry] = []) { self.entries = entries }

    public init(parsing bytes: [UInt8]) {
        entries = bytes.lines.compactMap { line in
            // hierarchy-id:controllers:path, and the path may hold colons itself.
            let colon = UInt8(ascii: ":")
            let parts = line.split(separator: colon, maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0].decimal != nil else { return nil }
            let controllers = parts[1].split(separator: UInt8(ascii: ","))
            return Entry(
                controllers: controllers.map { String(decoding: $0, as: UTF8.self) },
                path: String(decoding: parts[2], as: UTF8.self))
        }
    }

    /// The path in the unified hierarchy, nil where there is none.
    public var unified: String? { entries.first { $0.controllers.isEmpty }?.path }

    /// The path in the v1 hierarchy of a controller, nil where it has none.
    public func path(ofController name: String) -> String? {
        entries.first { $0.controllers.contains(name) }?.path
    }

    /// The one path that says most about where the process belongs.
    ///
    /// That is the first that names a container; else the unified one, systemd's and those of the
    /// controllers in the order of ``preference``, whichever is not just the root; else "/".
    public var best: String {
        let ordered = inOrderOfPreference
        return ordered.first { ContainerIdentity(cgroupPath: $0) != nil }
            ?? ordered.first { $0 != "/" && !$0.isEmpty }
            ?? (entries.isEmpty ? "" : "/")
    }

    private var inOrderOfPreference: [String] {
        let preferred = Self.preference.compactMap { $0.isEmpty ? unified : path(ofController: $0) }
        return preferred + entries.map(\.path)
    }

    /// systemd's hierarchies first: in them every service has its own group.
    private static let preference = ["", "name=systemd", "cpu", "memory", "pids"]
}
