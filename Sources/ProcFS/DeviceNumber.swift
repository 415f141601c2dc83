/// A device of the kernel, as `/proc` and `ls -l` write it.
public struct DeviceNumber: Sendable, Hashable, CustomStringConvertible {
    public var major: UInt32
    public var minor: UInt32

    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// From the kernel's own `dev_t`: 12 bits of major number above 20 of minor (include/linux/kdev_t.h).
    public init(kernel device: UInt32) {
        self.init(major: device >> 20, minor: device & 0xf_ffff)
    }

    /// From what `stat` gives (`st_dev`), which the C library encodes in a way of its own.
    public init(status device: UInt64) {
        self.init(
            major: UInt32(truncatingIfNeeded: (device >> 8) & 0xfff | (device >> 32) & 0xffff_f000),
            minor: UInt32(truncatingIfNeeded: device & 0xff | (device >> 12) & 0xffff_ff00))
    }

    /// - Returns: nil if `text` is not two numbers with a colon between them.
    init?(parsing text: ArraySlice<UInt8>, radix: Int) {
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let numbers = parts.compactMap { radix == 16 ? $0.hexadecimal : $0.decimal }
            .compactMap { UInt32(exactly: $0) }
        guard numbers.count == 2 else { return nil }
        self.init(major: numbers[0], minor: numbers[1])
    }

    public var description: String { "\(major):\(minor)" }
}
