import Model

/// Rows of a recording in the order of time, of which only some ticks' are in memory at a time.
///
/// What is appended to the recording after the cursor was made does not show.
///
/// ```swift
/// var waits = try recording.waitCursor(filter)
/// while let row = try waits.next() { ... }
/// ```
public struct RecordingCursor<Row: Sendable> {
    /// Numbers of the ticks that are still to be read; the next at the end.
    private var ticks: [Tick]
    private let load: @Sendable (_ first: Tick, _ last: Tick) throws(RecordingError) -> [Row]
    private var page: [Row] = []
    private var position = 0
    private var ticksPerPage = 1

    /// About how many rows are held at a time.
    private static var pageSize: Int { 20_000 }

    /// - Parameter load: the rows of the ticks from the first to the last, both included.
    init(
        _ ticks: [Tick],
        load: @escaping @Sendable (_ first: Tick, _ last: Tick) throws(RecordingError) -> [Row]
    ) {
        self.ticks = ticks.reversed()
        self.load = load
    }

    /// - Returns: nil at the end.
    public mutating func next() throws(RecordingError) -> Row? {
        while position == page.count {
            guard !ticks.isEmpty else { return nil }
            try loadPage()
        }
        position += 1
        return page[position - 1]
    }

    /// Hands out all rows that are left.
    /// - Throws: ``RecordingError``, and what `body` throws.
    public mutating func forEach(_ body: (Row) throws -> Void) throws {
        while let row = try next() { try body(row) }
    }

    private mutating func loadPage() throws(RecordingError) {
        let chosen = ticks.suffix(ticksPerPage)
        guard let first = chosen.last, let last = chosen.first else { return }
        page = try load(first, last)
        position = 0
        ticks.removeLast(chosen.count)
        // Ticks differ in how much happens in them, so each page decides on the next.
        if page.count < Self.pageSize / 2 {
            ticksPerPage = min(ticksPerPage * 2, 4096)
        } else if page.count > Self.pageSize {
            ticksPerPage = max(1, ticksPerPage / 2)
        }
    }
}

extension Recording {
    /// As ``threadSeconds(_:)``, of any length.
    public func threadSecondCursor(_ filter: Filter = Filter()) throws(RecordingError) -> RecordingCursor<
        ThreadSecond
    > {
        RecordingCursor(try ticks(filter)) { [self] first, last throws(RecordingError) in
            try threadSeconds(filter.within(first, last))
        }
    }

    /// As ``waits(_:)``, of any length.
    public func waitCursor(_ filter: Filter = Filter()) throws(RecordingError) -> RecordingCursor<WaitRow> {
        RecordingCursor(try ticks(filter)) { [self] first, last throws(RecordingError) in
            try waits(filter.within(first, last))
        }
    }

    /// As ``intervals(in:)``, of any length: the spells that ended in the filter's ticks, of its threads.
    public func intervalCursor(_ filter: Filter = Filter()) throws(RecordingError) -> RecordingCursor<
        Interval
    > {
        let isNarrow = !filter.choices.isDisjoint(with: [.process, .thread])
        let threads = isNarrow ? try threadIDs(filter) : []
        let ticks = try ticks(filter)
        // Clocks are not so exact that no spell ends a moment outside of its tick: no time is left between them.
        let begins = Dictionary(
            zip(ticks.map(\.number), [filter.from ?? 0] + ticks.dropLast().map(\.time)),
            uniquingKeysWith: { first, _ in first })
        let newest = filter.to == nil ? ticks.last?.number : nil
        return RecordingCursor(ticks) { [self] first, last throws(RecordingError) in
            let begin = begins[first.number] ?? first.time
            let end = last.number == newest ? UInt64.max - 1 : last.time
            // A clock that was set back has no spells of its own between the two.
            guard begin < end else { return [] }
            return try intervals(in: begin..<end + 1).filter {
                $0.ran > begin && $0.ran <= end && (!isNarrow || threads.contains($0.thread))
            }
        }
    }
}

extension Filter {
    /// The same of the ticks from one to another.
    fileprivate func within(_ first: Tick, _ last: Tick) -> Filter {
        var filter = self
        filter.ticks = min(first.number, last.number)...max(first.number, last.number)
        return filter
    }
}
