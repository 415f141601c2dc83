/// The number of a kernel release, as in "6.1" of "6.1.0-44-cloud-amd64".
struct KernelVersion: Comparable, CustomStringConvertible {
    var major: Int
    var minor: Int

    /// The oldest kernel that the kernel tests run on.
    static let oldestTested = KernelVersion(major: 6, minor: 1)

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// nil if it does not begin with two numbers.
    init?(release: String) {
        let parts = release.split(separator: ".", maxSplits: 2)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix(while: \.isNumber))
        else { return nil }
        self.init(major: major, minor: minor)
    }

    static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

    var description: String { "\(major).\(minor)" }
}
