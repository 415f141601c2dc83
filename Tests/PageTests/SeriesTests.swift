import Recording
import Testing

@testable import Page

/// How series are written for the page's scripts.
@Suite struct SeriesTests {
    /// Reads what ``SeriesWriter`` wrote, as `series.js` does.
    private func read(_ bytes: [UInt8], counts: Bool) -> [(bin: UInt64, value: UInt64, count: UInt64)] {
        var offset = 0
        func number() -> UInt64 {
            var (value, shift): (UInt64, UInt64) = (0, 0)
            while true {
                let byte = bytes[offset]
                offset += 1
                value |= UInt64(byte & 0x7f) << shift
                shift += 7
                if byte & 0x80 == 0 { return value }
            }
        }
        var bin: UInt64 = 0
        return (0..<number()).map { _ in
            bin += number()
            return (bin, number(), counts ? number() : 0)
        }
    }

    @Test func sumsOfAnyStretchAreRightToOneQuantum() {
        let values = (0..<500 as Range<UInt32>).map {
            BinValue(bin: $0 * 3, value: UInt64($0) * 7_919 % 3_000)
        }
        var writer = SeriesWriter(quantum: 1_000)
        writer.addTimes(values)
        let written = read(writer.bytes, counts: false)
        for (from, to) in [(0, 1_500), (3, 4), (300, 330), (299, 1_200)] {
            let exact = values.filter { from..<to ~= Int($0.bin) }.reduce(0.0) { $0 + Double($1.value) }
            let shown = written.filter { from..<to ~= Int($0.bin) }.reduce(0.0) {
                $0 + Double($1.value) * 1_000
            }
            #expect(abs(exact - shown) <= 1_000)
        }
    }

    @Test func valuesUnderAQuantumAddUp() {
        var writer = SeriesWriter(quantum: 1_000)
        writer.addTimes((0..<100 as Range<UInt32>).map { BinValue(bin: $0, value: 25) })
        let written = read(writer.bytes, counts: false)
        #expect(written.reduce(0) { $0 + $1.value } == 3 || written.reduce(0) { $0 + $1.value } == 2)
    }

    @Test func countsStayWhereTheirTimesAreTooShort() {
        var writer = SeriesWriter(quantum: 1_000_000)
        writer.addTimes([BinValue(bin: 4, count: 300, value: 10), BinValue(bin: 9, value: 10)], counts: true)
        let written = read(writer.bytes, counts: true)
        #expect(written.count == 1)
        #expect(written[0].bin == 4 && written[0].count == 300 && written[0].value == 0)
    }

    @Test func binsAreMergedInOrder() {
        let values = [
            BinValue(bin: 5, count: 1, value: 10), BinValue(bin: 2, value: 3),
            BinValue(bin: 5, count: 2, value: 1),
        ]
        #expect(values.merged == [BinValue(bin: 2, value: 3), BinValue(bin: 5, count: 3, value: 11)])
    }
}
