/// A message in the wire format of Protocol Buffers, put together field by field.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// `int32`, `int64`, `uint64`, `bool`, enumerations.
    mutating func add(_ field: Int, _ value: some BinaryInteger) {
        tag(field, 0)
        varint(UInt64(truncatingIfNeeded: value))
    }

    mutating func add(_ field: Int, fixed value: UInt64) {
        tag(field, 1)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

    mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

    /// A packed list of varints.
    mutating func add(_ field: Int, packed values: [UInt64]) {
        var list = ProtobufMessage()
        for value in values { list.varint(value) }
        add(field, list.bytes)
    }

    private mutating func add(_ field: Int, _ content: [UInt8]) {
        tag(field, 2)
        varint(UInt64(content.count))
        bytes += content
    }

    private mutating func tag(_ field: Int, _ type: UInt64) { varint(UInt64(field) << 3 | type) }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}
