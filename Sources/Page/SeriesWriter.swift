import Recording

/// Series of bins as bytes: varints (LEB128), which `series.js` reads in the same order.
///
/// A series is its number of entries, then for each the distance to the bin before it, its value and, where it has one, its
/// count.  Values are in quanta, and it is the running sum that is rounded: so the sum over any stretch of bins is right to
/// one quantum, however many bins it has, and what is less than a quantum in each of many bins still adds up.
struct SeriesWriter {
    private(set) var bytes: [UInt8] = []
    /// Nanoseconds.
    let quantum: UInt64

    init(quantum: UInt64) { self.quantum = max(1, quantum) }

    /// Times, in quanta.
    mutating func addTimes(_ values: [BinValue], counts: Bool = false) {
        add(values, quantum: quantum, counts: counts)
    }

    /// Bytes, pages, pieces of work, as they are.
    mutating func addNumbers(_ values: [BinValue], counts: Bool = false) {
        add(values, quantum: 1, counts: counts)
    }

    mutating func add(_ number: some BinaryInteger) {
        var rest = UInt64(clamping: number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func add(_ values: [BinValue], quantum: UInt64, counts: Bool) {
        var entries: [(bin: UInt32, value: UInt64, count: UInt32)] = []
        var sum: UInt64 = 0
        var told: UInt64 = 0
        for value in values {
            sum &+= value.value
            let rounded = (sum &+ quantum / 2) / quantum
            guard rounded > told || counts && value.count > 0 else { continue }
            entries.append((value.bin, rounded &- told, value.count))
            told = rounded
        }
        add(entries.count)
        var last: UInt32 = 0
        for entry in entries {
            add(entry.bin &- last)
            add(entry.value)
            if counts { add(entry.count) }
            last = entry.bin
        }
    }
}
