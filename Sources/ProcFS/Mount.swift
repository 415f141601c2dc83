/// One mount of a mount namespace: a line of `/proc/PID/mountinfo`.
public struct Mount: Sendable, Equatable {
    public var id: Int
    /// The mount that it is mounted on; not in the table for the outermost one that a process can see.
    public var parent: Int
    public var device: DeviceNumber
    /// The directory or file of the file system that shows at the mount point: "/" unless it is a bind
    /// mount, a subvolume or the like.  Pseudo file systems have names there ("net:[4026531833]").
    public var root: String
    /// As the process that was asked sees it.
    public var point: String
    /// "ext4", "overlay", "cgroup2".
    public var type: String
    /// The device's path, or whatever the file system takes for it ("tmpfs", "none").
    public var source: String
    /// Options of the file system itself, separated by commas.
    public var superOptions: String

    /// - Returns: nil if `line` is not such a line.
    init?(parsing line: ArraySlice<UInt8>) {
        // id parent major:minor root mount-point options [tag...] - type source super-options
        let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard let separator = fields.dropFirst(6).firstIndex(of: [UInt8(ascii: "-")]),
            fields.count > separator + 3,
            let id = fields[0].decimal.flatMap(Int.init(exactly:)),
            let parent = fields[1].decimal.flatMap(Int.init(exactly:)),
            let device = DeviceNumber(parsing: fields[2], radix: 10)
        else { return nil }
        self.id = id
        self.parent = parent
        self.device = device
        root = fields[3].withoutEscapes
        point = fields[4].withoutEscapes
        type = fields[separator + 1].withoutEscapes
        source = fields[separator + 2].withoutEscapes
        superOptions = fields[separator + 3].withoutEscapes
    }
}
