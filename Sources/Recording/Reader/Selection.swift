import GRDB
import Model

/// The ticks and thread versions that a filter chooses, for sums over the tables themselves.
///
/// Sums over a large recording do not go through the views: expanding idle runs only to add them up again,
/// and sorting millions of rows by their names, would take minutes.
struct Selection {
    /// One version of a thread, with its process as it was.
    struct Version {
        var thread, process: Int64
        var pid, tid: UInt32
        var comm, processComm, cgroup, container: String
    }

    /// By version id.
    let versions: [Int64: Version]
    /// Whether the filter chooses among threads; if not, rows of unknown threads are part of the choice.
    let isSelective: Bool
    private let tickNumbers: [Int64]
    /// Durations of all ticks before the one at this index.
    private let elapsed: [UInt64]

    init(_ filter: Filter, _ db: Database) throws {
        var threads = filter
        (threads.from, threads.to) = (nil, nil)
        let conditions = threads.threadConditions
        isSelective = !conditions.terms.isEmpty
        var versions: [Int64: Version] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT * FROM (
                    SELECT v.id AS id, v.thread AS thread, v.tid AS tid, v.comm AS comm, p.process AS process,
                        p.pid AS pid, p.comm AS process_comm, p.cgroup AS cgroup, p.container AS container
                    FROM thread_versions v LEFT JOIN process_versions p ON p.id = v.process)
                \(conditions.sql)
                """, arguments: conditions.statementArguments)
        while let row = try rows.next() {
            versions[row.integer("id")] = Version(
                thread: row.integer("thread"), process: row.integer("process"), pid: row.id("pid"),
                tid: row.id("tid"), comm: row.text("comm"), processComm: row.text("process_comm"),
                cgroup: row.text("cgroup"), container: row.text("container"))
        }
        self.versions = versions

        let time = filter.timeConditions
        var numbers: [Int64] = []
        var elapsed: [UInt64] = [0]
        let ticks = try Row.fetchCursor(
            db, sql: "SELECT tick, duration_ns FROM ticks \(time.sql) ORDER BY tick",
            arguments: time.statementArguments)
        while let row = try ticks.next() {
            numbers.append(row.integer("tick"))
            elapsed.append((elapsed.last ?? 0) &+ row.unsigned("duration_ns"))
        }
        (tickNumbers, self.elapsed) = (numbers, elapsed)
    }

    /// Chosen ticks from `first` to `last` (nil: to the end), and how long they are together in ns.
    func time(from first: Int64, to last: Int64?) -> (ticks: Int, duration: UInt64) {
        let begin = firstIndex(notBefore: first)
        let end =
            last.map { $0 == Int64.max ? tickNumbers.count : firstIndex(notBefore: $0 + 1) }
            ?? tickNumbers.count
        guard begin < end else { return (0, 0) }
        return (end - begin, elapsed[end] &- elapsed[begin])
    }

    /// The same of an idle run, whose ends are so far from those of its ticks.
    func time(
        from first: Int64, to last: Int64?, beginOffset: Int64, endOffset: Int64
    ) -> (ticks: Int, duration: UInt64) {
        var time = time(from: first, to: last)
        if contains(first) { time.duration &-= UInt64(bitPattern: beginOffset) }
        if let last, contains(last) { time.duration &+= UInt64(bitPattern: endOffset) }
        return time
    }

    private func contains(_ tick: Int64) -> Bool {
        let index = firstIndex(notBefore: tick)
        return index < tickNumbers.count && tickNumbers[index] == tick
    }

    /// `FROM ... WHERE ...` for a table with a row for each tick and thread, named `r`.
    func source(_ table: String, _ filter: Filter, adding more: Conditions = Conditions()) -> (
        sql: String, arguments: StatementArguments
    ) {
        var conditions = filter.timeConditions
        // A long list would be slower than looking each row up in `versions`.
        if isSelective, versions.count <= 100 {
            let ids = versions.keys.sorted()
            conditions.add("r.thread IN (\(Conditions.marks(ids.count)))", ids)
        }
        for term in more.terms { conditions.add(term) }
        return (
            "FROM ticks t CROSS JOIN \(table) r ON r.tick = t.tick \(conditions.sql)",
            conditions.statementArguments + more.statementArguments
        )
    }

    private func firstIndex(notBefore tick: Int64) -> Int {
        var low = 0
        var high = tickNumbers.count
        while low < high {
            let middle = (low + high) / 2
            if tickNumbers[middle] < tick { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
