import Glibc

/// An IPv4 or IPv6 address.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16, in the order of the network.
    public let bytes: [UInt8]

    /// - Parameter bytes: in the order of the network.  An IPv4 address that is mapped into IPv6
    ///   (::ffff:10.0.0.1), as a socket of both families shows its IPv4 peers, becomes the IPv4 address.
    /// - Returns: nil unless there are 4 or 16 of them.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        let isMapped = bytes.count == 16 && bytes.starts(with: Self.mappedPrefix)
        self.bytes = isMapped ? Array(bytes[12...]) : bytes
    }

    /// From `/proc/net/tcp`, which writes each four bytes as a number of this machine's byte order.
    init?(parsing digits: ArraySlice<UInt8>) {
        guard digits.count == 8 || digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: digits.startIndex, to: digits.endIndex, by: 8) {
            guard let word = digits[start..<(start + 8)].hexadecimal else { return nil }
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: word)) { bytes += $0 }
        }
        self.init(bytes: bytes)
    }

    public var isIPv6: Bool { bytes.count == 16 }

    /// 0.0.0.0 or ::, which as a local address means all of the host's.
    public var isWildcard: Bool { bytes.allSatisfy { $0 == 0 } }

    /// "10.0.0.1", "fe80::1".
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = isIPv6 ? AF_INET6 : AF_INET
        // `bytes` has the length of the family, and `text` the longest result with its zero.
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "?" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]
}
