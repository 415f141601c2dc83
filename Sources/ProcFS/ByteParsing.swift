extension Collection where Element == UInt8 {
    /// The whole of the bytes as a decimal number; nil if they are anything else or it does not fit.
    var decimal: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in self {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }

    var decimal32: UInt32? { decimal.flatMap { UInt32(exactly: $0) } }

    /// The whole of the bytes as a hexadecimal number in either case; nil if they are anything else or it
    /// does not fit.
    var hexadecimal: UInt64? {
        guard !isEmpty else { return nil }
        var value: UInt64 = 0
        for byte in self {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            guard value >> 60 == 0 else { return nil }
            value = value << 4 | UInt64(digit)
        }
        return value
    }

    var isHexadecimal: Bool {
        allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
    }
}

extension RangeReplaceableCollection where Element == UInt8 {
    /// Pieces between runs of spaces and tabs.
    var fields: [SubSequence] {
        split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    var lines: [SubSequence] { split(separator: UInt8(ascii: "\n")) }

    /// A path as it was before the kernel wrote some of its bytes as a backslash and three octal digits
    /// (`mangle_path`).  A backslash before anything else stands for itself.
    var withoutEscapes: String {
        guard contains(UInt8(ascii: "\\")) else { return String(decoding: self, as: UTF8.self) }
        var plain: [UInt8] = []
        var rest = self[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            let code = digits.reduce(0) { $0 * 8 + Int($1) - 0x30 }
            if byte == UInt8(ascii: "\\"), digits.count == 3, code < 256,
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) })
            {
                plain.append(UInt8(code))
                rest = rest.dropFirst(3)
            } else {
                plain.append(byte)
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
