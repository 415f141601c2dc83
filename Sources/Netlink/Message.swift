/// Messages of generic netlink, in the host's byte order: netlink(7), linux/genetlink.h.
enum Message {
    static let headerSize = 16
    static let genericHeaderSize = 4

    // linux/netlink.h
    static let error: UInt16 = 2
    static let request: UInt16 = 1
    static let acknowledged: UInt16 = 4

    /// A request of a family, with attributes that are already put together.
    static func request(
        type: UInt16, command: UInt8, flags: UInt16 = 0, sequence: UInt32, attributes: [UInt8]
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        append(UInt32(headerSize + genericHeaderSize + attributes.count), to: &bytes)
        append(type, to: &bytes)
        append(Self.request | flags, to: &bytes)
        append(sequence, to: &bytes)
        append(UInt32(0), to: &bytes)
        // Both families that are used here have version 1.
        bytes += [command, 1, 0, 0]
        return bytes + attributes
    }

    /// One attribute, padded to the next multiple of four bytes.
    static func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        append(UInt16(4 + payload.count), to: &bytes)
        append(type, to: &bytes)
        bytes += payload
        return bytes + [UInt8](repeating: 0, count: (4 - bytes.count % 4) % 4)
    }

    static func attribute(_ type: UInt16, _ value: UInt32) -> [UInt8] {
        var payload: [UInt8] = []
        append(value, to: &payload)
        return attribute(type, payload)
    }

    /// With the NUL that the kernel expects.
    static func attribute(_ type: UInt16, _ text: String) -> [UInt8] {
        attribute(type, Array(text.utf8) + [0])
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value) { bytes += $0 }
    }
}

/// One message that the kernel sent.
struct ReceivedMessage {
    var type: UInt16
    var sequence: UInt32
    /// What follows the netlink header.
    var payload: UnsafeRawBufferPointer

    /// The error number of an error message, 0 of an acknowledgement; nil of any other message.
    var error: Int32? {
        guard type == Message.error, payload.count >= 4 else { return nil }
        return -payload.loadUnaligned(as: Int32.self)
    }

    /// What follows the generic header.
    var attributes: Attributes {
        Attributes(UnsafeRawBufferPointer(rebasing: payload.dropFirst(Message.genericHeaderSize)))
    }

    /// All messages of one datagram; what is cut short or malformed ends it.
    static func all(in bytes: UnsafeRawBufferPointer) -> [ReceivedMessage] {
        var messages: [ReceivedMessage] = []
        var place = 0
        while place + Message.headerSize <= bytes.count {
            let length = Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            guard length >= Message.headerSize, place + length <= bytes.count else { break }
            messages.append(
                ReceivedMessage(
                    type: bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt16.self),
                    sequence: bytes.loadUnaligned(fromByteOffset: place + 8, as: UInt32.self),
                    payload: UnsafeRawBufferPointer(
                        rebasing: bytes[(place + Message.headerSize)..<(place + length)])))
            place += (length + 3) & ~3
        }
        return messages
    }
}

/// A row of attributes, which may hold attributes themselves.
struct Attributes: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func next() -> (type: UInt16, payload: UnsafeRawBufferPointer)? {
        guard place + 4 <= bytes.count else { return nil }
        let length = Int(bytes.loadUnaligned(fromByteOffset: place, as: UInt16.self))
        // The two highest bits say how it is put together, not what it is.
        let type = bytes.loadUnaligned(fromByteOffset: place + 2, as: UInt16.self) & 0x3fff
        guard length >= 4, place + length <= bytes.count else { return nil }
        let payload = UnsafeRawBufferPointer(rebasing: bytes[(place + 4)..<(place + length)])
        place += (length + 3) & ~3
        return (type, payload)
    }
}
