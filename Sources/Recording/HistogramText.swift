import Model

/// Histograms in a recording are JSON arrays of counts, so that `json_each` reads them.
extension Histogram {
    /// Appends `[1,0,3]` in UTF-8.
    func appendJSON(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for (slot, count) in counts.enumerated() {
            if slot > 0 { bytes.append(UInt8(ascii: ",")) }
            if count < 10 {
                bytes.append(UInt8(ascii: "0") + UInt8(count))
            } else {
                bytes.append(contentsOf: String(count).utf8)
            }
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// The array as text.
    public var json: String {
        var bytes: [UInt8] = []
        appendJSON(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads what ``json`` writes; `nil` stands for an empty histogram.
    public init(json: String?) {
        var sum = HistogramAccumulator()
        if let json { sum.add(json: json) }
        self = sum.histogram
    }
}

/// A sum of many histograms.
struct HistogramAccumulator {
    private var counts: [UInt64] = []

    /// Counts beyond what a `Histogram` holds stay at its limit.
    var histogram: Histogram { Histogram(counts: counts.map { UInt32(clamping: $0) }) }

    /// Adds `[1,0,3]`.  Anything that is no digit parts the numbers, so a damaged text gives a histogram that
    /// is wrong, never a crash.
    mutating func add(json: String) {
        var text = json
        text.withUTF8 { bytes in
            var slot = 0
            var number: UInt64 = 0
            var isNumber = false
            for byte in bytes {
                let digit = byte &- UInt8(ascii: "0")
                if digit <= 9 {
                    number = number &* 10 &+ UInt64(digit)
                    isNumber = true
                } else if isNumber {
                    add(number, slot: slot)
                    slot += 1
                    number = 0
                    isNumber = false
                }
            }
        }
    }

    private mutating func add(_ count: UInt64, slot: Int) {
        guard slot < Histogram.slotCount else { return }
        while counts.count <= slot { counts.append(0) }
        counts[slot] &+= count
    }
}
