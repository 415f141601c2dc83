import GRDB
import Model

/// System calls of one thread with one name, over a stretch of a recording; of futex calls, those that ask for the
/// same.  Times are nanoseconds.
public struct SyscallTotal: Sendable, Equatable {
    public var process: Int64
    public var thread: Int64
    public var pid: UInt32
    public var tid: UInt32
    public var comm: String
    public var processComm: String
    /// Its name, or its number if no name is known.
    public var syscall: String
    /// `FutexOperation.name`; nil for other calls than futex.
    public var operation: String?
    /// As in `SyscallSample`.
    public var calls: UInt64
    public var errors: UInt64
    public var positive: UInt64
    public var total: UInt64
    public var longest: UInt64
    public var moved: UInt64
    public var lengths: Histogram

    /// Bytes read or written.
    public var bytes: UInt64 { operation == nil ? moved : 0 }

    /// Of futex wakes: how many woke somebody and nobody, and how many threads they woke.
    public var wakes: (ofSomeone: UInt64, ofNobody: UInt64, woken: UInt64)? {
        guard operation == FutexOperation.wake.name else { return nil }
        return (positive, calls - min(calls, errors + positive), moved)
    }
}

extension Recording {
    /// What the filter's threads called, the longest total first; empty where system calls were not recorded.
    public func syscallTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [SyscallTotal] {
        try read { db in
            // Recordings of format 1 have none.
            guard try db.tableExists("syscall_samples") else { return [] }
            let selection = try Selection(filter, db)
            let names = try WaitNames.syscallNames(db)
            return try Self.syscallSums(filter, selection, db).map { key, sum in
                let version = selection.versions[sum.version]
                let operation = FutexOperation(rawValue: UInt8(clamping: key.operation)) ?? .none
                return SyscallTotal(
                    process: version?.process ?? 0, thread: key.thread, pid: version?.pid ?? 0,
                    tid: version?.tid ?? 0, comm: version?.comm ?? "",
                    processComm: version?.processComm ?? "",
                    syscall: names[key.syscall] ?? "\(key.syscall)",
                    operation: operation == .none ? nil : operation.name, calls: sum.numbers[0],
                    errors: sum.numbers[1], positive: sum.numbers[2], total: sum.numbers[3],
                    longest: sum.longest, moved: sum.numbers[4], lengths: sum.lengths.histogram)
            }.sorted { ($1.total, $0.thread, $0.syscall) < ($0.total, $1.thread, $1.syscall) }
        }
    }

    private struct SyscallKey: Hashable {
        var thread, syscall, operation: Int64
    }

    private struct SyscallSum {
        var version: Int64 = 0
        var numbers = [UInt64](repeating: 0, count: 5)
        var longest: UInt64 = 0
        var lengths = HistogramAccumulator()

        mutating func add(_ row: Row) {
            version = max(version, row.integer(at: 0))
            for index in numbers.indices { numbers[index] &+= row.unsigned(at: 3 + index) }
            longest = max(longest, row.unsigned(at: 8))
            if let text = row.optionalText("histogram") { lengths.add(json: text) }
        }
    }

    private static func syscallSums(
        _ filter: Filter, _ selection: Selection, _ db: Database
    ) throws -> [SyscallKey: SyscallSum] {
        let source = selection.source("syscall_samples", filter)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.thread, r.syscall, r.operation, r.calls, r.errors, r.positive, r.total_ns, r.moved,
                    r.max_ns, r.histogram AS histogram \(source.sql)
                """, arguments: source.arguments)
        var sums: [SyscallKey: SyscallSum] = [:]
        while let row = try rows.next() {
            let version = selection.versions[row.integer(at: 0)]
            if version == nil, selection.isSelective { continue }
            let key = SyscallKey(
                thread: version?.thread ?? 0, syscall: row.integer(at: 1), operation: row.integer(at: 2))
            sums[key, default: SyscallSum()].add(row)
        }
        return sums
    }
}
