/// Which machine this is, and which of its boots.
public struct HostIdentity: Sendable, Equatable {
    public var name: String
    /// As `uname -r` shows it.
    public var kernelRelease: String
    /// New at every boot; empty if it cannot be read.
    public var bootID: String
    /// CPUs that are online.
    public var onlineCPUs: Int

    public init(name: String, kernelRelease: String, bootID: String, onlineCPUs: Int) {
        self.name = name
        self.kernelRelease = kernelRelease
        self.bootID = bootID
        self.onlineCPUs = onlineCPUs
    }

    /// What cannot be read is "unknown" (names), empty (boot id) or 1 (CPUs).
    public static func read(proc: ProcTree = ProcTree(), sys: String = "/sys") -> HostIdentity {
        let kernel = proc.root + "/sys/kernel"
        let cpus = FileAccess.line(sys + "/devices/system/cpu/online").flatMap(cpuCount(inList:))
        return HostIdentity(
            name: FileAccess.line(kernel + "/hostname") ?? "unknown",
            kernelRelease: FileAccess.line(kernel + "/osrelease") ?? "unknown",
            bootID: FileAccess.line(kernel + "/random/boot_id") ?? "",
            onlineCPUs: cpus ?? 1)
    }

    /// The numbers of the CPUs that are online; nil if they cannot be read.
    public static func onlineCPUNumbers(sys: String = "/sys") -> [Int]? {
        FileAccess.line(sys + "/devices/system/cpu/online").flatMap(cpus(inList:))
    }

    /// How many CPUs a list such as "0-3,5" names; nil if it is not such a list.
    public static func cpuCount(inList list: String) -> Int? { cpus(inList: list)?.count }

    /// The CPUs that a list such as "0-3,5" names; nil if it is not such a list.
    static func cpus(inList list: String) -> [Int]? {
        var cpus: [Int] = []
        for piece in list.split(separator: ",") {
            let ends = piece.split(separator: "-").map { Int($0) }
            switch (ends.first ?? nil, ends.last ?? nil, ends.count) {
            case (let first?, let last?, 1...2) where first <= last: cpus += first...last
            default: return nil
            }
        }
        return cpus.isEmpty ? nil : cpus
    }
}
