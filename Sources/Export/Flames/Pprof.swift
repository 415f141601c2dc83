import Compression

/// A profile for `go tool pprof` and whatever else reads its format (profile.proto), compressed.
///
/// Samples have two values, time in nanoseconds and a count of waits, and the labels `state` and `process`.
public struct Pprof {
    private var message = ProtobufMessage()
    private var strings: [String: Int] = ["": 0]
    private var texts = [""]
    private var functions: [Function: UInt64] = [:]
    private var locations: [FlameFrame: UInt64] = [:]

    private struct Function: Hashable {
        var name, file: String
    }

    public static func write(_ profile: FlameProfile, comment: String, to file: ExportFile)
        throws(ExportError)
    {
        var pprof = Pprof()
        pprof.add(profile, comment)
        let bytes: [UInt8]
        do { bytes = try Gzip.compress(pprof.message.bytes) } catch {
            throw .writeFailed(path: "the compressed profile", reason: error.description)
        }
        try file.write(bytes: bytes)
    }

    private mutating func add(_ profile: FlameProfile, _ comment: String) {
        message.add(1, valueType("time", "nanoseconds"))
        message.add(1, valueType("waits", "count"))
        for sample in profile.samples { add(sample) }
        message.add(9, profile.from)
        message.add(10, profile.to - profile.from)
        message.add(13, number(of: comment))
        message.add(14, number(of: "time"))
        // Last, as all above may have added some.
        for text in texts { message.add(6, text) }
    }

    private mutating func add(_ sample: FlameSample) {
        var part = ProtobufMessage()
        part.add(1, packed: sample.frames.reversed().map { location(of: $0) })
        part.add(2, packed: [sample.time, sample.count])
        part.add(3, label("state", sample.state.rawValue))
        part.add(3, label("process", sample.frames.first?.name ?? ""))
        message.add(2, part)
    }

    private mutating func label(_ key: String, _ value: String) -> ProtobufMessage {
        var label = ProtobufMessage()
        label.add(1, number(of: key))
        label.add(2, number(of: value))
        return label
    }

    private mutating func valueType(_ type: String, _ unit: String) -> ProtobufMessage {
        var part = ProtobufMessage()
        part.add(1, number(of: type))
        part.add(2, number(of: unit))
        return part
    }

    private mutating func location(of frame: FlameFrame) -> UInt64 {
        if let known = locations[frame] { return known }
        let id = UInt64(locations.count + 1)
        locations[frame] = id
        var line = ProtobufMessage()
        line.add(1, function(Function(name: frame.name, file: frame.file)))
        if frame.line > 0 { line.add(2, frame.line) }
        var part = ProtobufMessage()
        part.add(1, id)
        part.add(4, line)
        message.add(4, part)
        return id
    }

    private mutating func function(_ function: Function) -> UInt64 {
        if let known = functions[function] { return known }
        let id = UInt64(functions.count + 1)
        functions[function] = id
        var part = ProtobufMessage()
        part.add(1, id)
        part.add(2, number(of: function.name))
        part.add(3, number(of: function.name))
        if !function.file.isEmpty { part.add(4, number(of: function.file)) }
        message.add(5, part)
        return id
    }

    /// Of a string in the table.
    private mutating func number(of text: String) -> Int {
        if let known = strings[text] { return known }
        strings[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }
}
