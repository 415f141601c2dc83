/// The container that a process runs in, as its cgroup path tells.
public struct ContainerIdentity: Sendable, Equatable {
    public enum Runtime: String, Sendable {
        case docker, containerd, crio, podman, lxc, nspawn
        /// The path has a container id and does not say whose.
        case unknown
    }

    public var runtime: Runtime
    /// 64 hexadecimal digits, or the name where the runtime uses names (LXC, systemd-nspawn).
    public var id: String
    /// The Kubernetes pod's uid, with dashes as the API server shows it; empty outside pods.
    public var podUID: String

    /// - Returns: nil if the path names no container that we know the shape of.  The monitor processes of
    ///   a runtime (conmon, LXC's monitor) are outside the containers that they watch.
    public init?(cgroupPath path: String) {
        let components = path.split(separator: "/").map(String.init)
        // The innermost counts: containers may run in containers.
        for index in components.indices.reversed() {
            let parent = index > 0 ? components[index - 1] : ""
            guard let found = Self.container(named: components[index], in: parent) else { continue }
            runtime = found.runtime
            id = found.id
            podUID = Self.podUID(in: components[...index])
            return
        }
        return nil
    }

    private typealias Found = (runtime: Runtime, id: String)

    private static func container(named component: String, in parent: String) -> Found? {
        if let found = lxc(component, in: parent) ?? nspawn(component) { return found }
        // "kubepods-burstable-pod<uid>.slice:cri-containerd:<id>" is one component.
        let base = component.split(separator: ":").last.map(String.init) ?? component
        var name = base.hasSuffix(".scope") ? String(base.dropLast(6)) : base
        if base != component { name = (component.split(separator: ":").dropFirst().first ?? "") + "-" + name }
        guard let id = containerID(atEndOf: name) else { return nil }
        let prefix = String(name.dropLast(id.count))
        if prefix.hasSuffix("conmon-") { return nil }
        return (prefix.isEmpty ? runtime(ofParent: parent) : runtime(ofPrefix: prefix), id)
    }

    /// 64 hexadecimal digits after nothing or a dash, or the shape that Amazon ECS uses on Fargate.
    private static func containerID(atEndOf name: String) -> String? {
        let tail = name.suffix(64)
        if tail.utf8.count == 64, tail.utf8.isHexadecimal {
            let before = name.dropLast(64).last
            return before == nil || before == "-" ? String(tail) : nil
        }
        let parts = name.split(separator: "-")
        let isFargate = parts.count == 2 && parts[0].utf8.count == 32 && parts[0].utf8.isHexadecimal
        return isFargate && parts[1].utf8.decimal != nil ? name : nil
    }

    private static func runtime(ofPrefix prefix: String) -> Runtime {
        switch prefix {
        case "docker-": .docker
        case "cri-containerd-", "nerdctl-", "containerd-": .containerd
        case "crio-": .crio
        case "libpod-": .podman
        default: .unknown
        }
    }

    private static func runtime(ofParent parent: String) -> Runtime {
        switch parent {
        case "docker": .docker
        case "default", "moby", "k8s.io": .containerd
        case "libpod_parent", "libpod": .podman
        default: .unknown
        }
    }

    private static func lxc(_ component: String, in parent: String) -> Found? {
        if component.hasPrefix("lxc.payload.") { return (.lxc, String(component.dropFirst(12))) }
        guard parent == "lxc" || parent == "lxc.payload", containerID(atEndOf: component) == nil
        else { return nil }
        return (.lxc, component)
    }

    private static func nspawn(_ component: String) -> Found? {
        let shapes = [("machine-", ".scope"), ("systemd-nspawn@", ".service")]
        for (prefix, suffix) in shapes where component.hasPrefix(prefix) && component.hasSuffix(suffix) {
            let name = String(component.dropFirst(prefix.count).dropLast(suffix.count))
            // libvirt registers its virtual machines at the same place: those are not containers.
            guard !name.isEmpty, !name.hasPrefix("qemu\\x2d") else { return nil }
            return (.nspawn, unescaped(name))
        }
        return nil
    }

    /// systemd writes a dash in a unit's name as `\x2d`.
    private static func unescaped(_ name: String) -> String { name.replacing("\\x2d", with: "-") }

    private static func podUID(in components: ArraySlice<String>) -> String {
        for component in components.reversed() {
            let name = component.split(separator: ":").first.map(String.init) ?? component
            let stem = name.hasSuffix(".slice") ? String(name.dropLast(6)) : name
            guard let start = stem.ranges(of: "pod").last else { continue }
            let before = stem[..<start.lowerBound]
            guard before.isEmpty || before.hasSuffix("-") else { continue }
            let uid = stem[start.upperBound...].replacing("_", with: "-")
            let digits = uid.utf8.filter { $0 != UInt8(ascii: "-") }
            // Pods that the kubelet reads from files have a hash without dashes.
            if digits.count == 32, digits.isHexadecimal { return String(uid) }
        }
        return ""
    }
}
