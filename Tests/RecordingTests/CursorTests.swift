import ExampleRecording
import Testing

@testable import Recording

/// Cursors hand out what the loaders load, however many pages it takes.
@Suite struct CursorTests {
    private let scratch: Scratch
    private let recording: Recording

    init() throws {
        scratch = try Scratch()
        try ExampleRecording.write(to: scratch.path(), stacks: false)
        recording = try Recording.open(scratch.path())
    }

    private static let filters: [Filter] = {
        var stretch = Filter()
        stretch.from = ExampleRecording.start + ExampleRecording.duration
        stretch.to = ExampleRecording.start + 4 * ExampleRecording.duration
        var thread = stretch
        thread.threadNames = ["pe*"]
        return [Filter(), stretch, thread]
    }()

    private func all<Row>(_ cursor: RecordingCursor<Row>) throws -> [Row] {
        var (cursor, rows): (RecordingCursor<Row>, [Row]) = (cursor, [])
        try cursor.forEach { rows.append($0) }
        return rows
    }

    @Test(arguments: filters) func rowsAreThoseOfTheLoaders(filter: Filter) throws {
        let seconds = try recording.threadSeconds(filter)
        #expect(!seconds.isEmpty)
        #expect(try all(recording.threadSecondCursor(filter)) == seconds)
        #expect(try all(recording.waitCursor(filter)) == recording.waits(filter))
    }

    @Test(arguments: filters) func spellsComeOnceEach(filter: Filter) throws {
        let threads = try recording.threadIDs(filter)
        let (from, to) = (filter.from ?? 0, filter.to ?? UInt64.max)
        let expected = try recording.intervals().filter {
            threads.contains($0.thread) && $0.ran > from && $0.ran <= to
        }
        #expect(!expected.isEmpty)
        #expect(try all(recording.intervalCursor(filter)) == expected)
    }
}

/// Choices of waits by their resource, beside those that `TotalsTests` looks at.
@Suite struct ResourceFilterTests {
    private let scratch: Scratch
    private let recording: Recording

    init() throws {
        scratch = try Scratch()
        try ExampleRecording.write(to: scratch.path(), stacks: true)
        recording = try Recording.open(scratch.path())
    }

    @Test(arguments: [[], [1], [3]] as [[Int64]], [[], ["mutex*"], ["tcp 10.0.0.1:80"], ["nothing"]])
    func totalsAreThoseOfTheView(ids: [Int64], names: [String]) throws {
        var filter = Filter()
        (filter.resourceIDs, filter.resourceNames) = (ids, names)
        func sums(_ waits: [WaitTotal]) -> [String: UInt64] {
            Dictionary(
                waits.map { ("\($0.thread) \($0.kind) \($0.resourceID) \($0.memberID)", $0.total) },
                uniquingKeysWith: +)
        }
        #expect(try sums(recording.waitTotals(filter)) == sums(recording.waits(filter).map(\.wait)))
        // Whether time adds up does not depend on the waits that are looked at.
        #expect(try recording.conservation(filter) == recording.conservation())
        #expect(filter.choosesWaits == !(ids.isEmpty && names.isEmpty))
    }

    @Test func stacksAreChosenByKindWakerAndResource() throws {
        var filter = Filter()
        filter.kinds = [.futex]
        filter.wakerNames = ["peer"]
        filter.resourceNames = ["mutex*"]
        let totals = try recording.stackTotals(filter)
        #expect(totals.map(\.total) == [6 * 380_000_000])
        filter.resourceNames = ["tcp*"]
        #expect(try recording.stackTotals(filter).isEmpty)
    }

    @Test func aShareIsOfTheThreadsTime() throws {
        var filter = Filter()
        filter.minimumShare = 0.4
        #expect(try Set(recording.waitTotals(filter).map(\.tid)) == [103, 201])
    }
}
