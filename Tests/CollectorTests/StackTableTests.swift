import Model
import Testing

@testable import Collector
@testable import Probes

@Suite struct StackTableTests {
    /// Names each address after its number.
    private final class Source: StackFactsSource {
        var met: [UInt32] = []
        func prepare() {}
        func meet(_ record: StackRecord) { met.append(record.id) }
        func frames(of record: StackRecord) -> [StackFrame] {
            record.addresses.map {
                StackFrame(function: "f\($0);", module: "app", address: $0 & 0xff, isKernel: record.isKernel)
            }
        }
    }

    private let source = Source()

    private func wait(_ user: UInt32, _ kernel: UInt32) -> StackWaitRecord {
        var record = StackWaitRecord(key: .init(), sums: .init())
        record.stacks = .init(user: user, kernel: kernel)
        return record
    }

    private func record(_ id: UInt32, _ addresses: [UInt64], incarnation: UInt64 = 7) -> StackRecord {
        StackRecord(id: id, pid: 1, incarnation: incarnation, addresses: addresses)
    }

    @Test func theKernelsSideLiesWithinTheProcesss() {
        var table = StackTable(source: source)
        table.handle(record(1, [2, 1]))
        table.handle(record(2, [4, 3], incarnation: 0))
        #expect(table.sample(wait(1, 2)).stack == 1)
        let (frames, stacks) = table.takeNew()
        #expect(stacks.map(\.folded) == ["f1:;f2:;f3:_[k];f4:_[k]"])
        let names = Dictionary(frames.map { ($0.id, $0.frame.function) }, uniquingKeysWith: { $1 })
        #expect(stacks[0].frames.map { names[$0] } == ["f4;", "f3;", "f2;", "f1;"])
        #expect(source.met == [1, 2])
    }

    @Test func whatReadsTheSameIsTheSame() {
        var table = StackTable(source: source)
        table.handle(record(1, [2, 1]))
        table.handle(record(9, [2, 1], incarnation: 8))
        table.handle(record(3, [3, 1]))
        let ids = [wait(1, 0), wait(9, 0), wait(3, 0), wait(1, 0)].map { table.sample($0).stack }
        #expect(ids[0] == ids[1] && ids[0] == ids[3] && ids[0] != ids[2])
        let (frames, stacks) = table.takeNew()
        #expect(frames.count == 3 && stacks.count == 2)
        _ = table.sample(wait(1, 0))
        #expect(table.takeNew().0.isEmpty && table.takeNew().1.isEmpty)
    }

    @Test func noStackIsNone() {
        var table = StackTable(source: source)
        #expect(table.sample(wait(0, 0)).stack == 0)
        #expect(table.takeNew().1.isEmpty)
    }

    @Test func whatIsMissingIsSaid() {
        var table = StackTable(source: source)
        table.handle(record(1, Array(repeating: 1, count: 127)))
        _ = table.sample(wait(1, StackWaitRecord.Stacks.lost))
        _ = table.sample(wait(77, 0))
        let folded = table.takeNew().1.map(\.folded)
        #expect(folded[0].hasPrefix("[cut];f1:;f1:") && folded[0].hasSuffix(";[lost]"))
        #expect(folded[1] == "[lost]")
    }

    @Test func recordsAreAsLongAsTheirFrames() {
        var words: [UInt64] = [0x1_0000_0000 * 5 + 8, 42, 0x1_0000_0000 * 2 + 77, 0xaaaa, 0xbbbb]
        func event() -> StackRecord? {
            words.withUnsafeBytes { bytes in
                guard case .stack(let record)? = KernelEvent(bytes) else { return nil }
                return record
            }
        }
        #expect(event() == StackRecord(id: 5, pid: 77, incarnation: 42, addresses: [0xaaaa, 0xbbbb]))
        words.removeLast()
        #expect(event() == nil)
        words = [8]
        #expect(event() == nil)
    }
}
