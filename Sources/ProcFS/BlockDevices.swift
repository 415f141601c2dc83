/// Names of block devices, from `/sys/dev/block`.
public enum BlockDevices {
    /// `vda1`; nil if there is no such block device.
    public static func name(of device: DeviceNumber, sys: String = "/sys") -> String? {
        guard let link = FileAccess.linkTarget("\(sys)/dev/block/\(device)").bytes else { return nil }
        return link.split(separator: UInt8(ascii: "/")).last.map { String(decoding: $0, as: UTF8.self) }
    }
}
