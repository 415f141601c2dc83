/// A key, as far as one is of use here.
public enum Key: Sendable, Equatable {
    case character(Character)
    case up, down, left, right, pageUp, pageDown, home, end
    case enter, escape, backspace, tab
}

/// Makes keys of the bytes that a terminal sends; of a sequence that is cut off, the rest is waited for.
public struct KeyDecoder: Sendable {
    private var pending: [UInt8] = []

    public init() {}

    /// Whether bytes wait for more.  If none come, ``flush()`` says what they were.
    public var isWaiting: Bool { !pending.isEmpty }

    public mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
        pending += bytes
        var keys: [Key] = []
        while let (key, length) = Self.first(pending[...]) {
            pending.removeFirst(length)
            if let key { keys.append(key) }
        }
        return keys
    }

    /// An escape byte of which nothing came after was the key.
    public mutating func flush() -> [Key] {
        defer { pending.removeAll() }
        return pending.first == Self.escape ? [.escape] : []
    }

    private static let escape: UInt8 = 0x1B

    /// The first key, if there is one, and its bytes; nil if it is not complete.
    private static func first(_ bytes: ArraySlice<UInt8>) -> (key: Key?, length: Int)? {
        guard let byte = bytes.first else { return nil }
        switch byte {
        case escape: return sequence(bytes)
        case 0x0D, 0x0A: return (.enter, 1)
        case 0x09: return (.tab, 1)
        case 0x7F, 0x08: return (.backspace, 1)
        case ..<0x20: return (nil, 1)
        case ..<0x80: return (.character(Character(UnicodeScalar(byte))), 1)
        default:
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            guard bytes.count >= length else { return nil }
            let text = String(decoding: bytes.prefix(length), as: UTF8.self)
            return (text.first.map { .character($0) }, length)
        }
    }

    /// `ESC [ parameters letter`, `ESC O letter`, or the key Escape and then another.
    private static func sequence(_ bytes: ArraySlice<UInt8>) -> (key: Key?, length: Int)? {
        let rest = bytes.dropFirst()
        guard let kind = rest.first else { return nil }
        guard kind == UInt8(ascii: "[") || kind == UInt8(ascii: "O") else { return (.escape, 1) }
        let body = rest.dropFirst()
        guard let last = body.firstIndex(where: { (0x40...0x7E).contains($0) }) else {
            // No sequence is that long: whatever this is, it is no key.
            return body.count > 16 ? (nil, bytes.count) : nil
        }
        let parameters = String(decoding: body[..<last], as: UTF8.self).split(separator: ";").first ?? ""
        let length = last - bytes.startIndex + 1
        let letter = Character(UnicodeScalar(body[last]))
        let keys: [Character: Key] = [
            "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end,
        ]
        let numbers: [Substring: Key] = [
            "1": .home, "7": .home, "4": .end, "8": .end, "5": .pageUp, "6": .pageDown, "3": .backspace,
        ]
        return (letter == "~" ? numbers[parameters] : keys[letter], length)
    }
}
