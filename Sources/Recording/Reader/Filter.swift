import GRDB
import Model

/// Which part of a recording to load.  Every list that is not empty narrows the choice; within a list, and
/// between the ids and names of the same thing, one match is enough.
public struct Filter: Sendable, Equatable {
    /// Ticks that end after this time, nanoseconds since the Unix epoch.
    public var from: UInt64?
    /// Ticks that end at this time or before, nanoseconds since the Unix epoch.
    public var to: UInt64?
    public var pids: [UInt32] = []
    /// Names of processes; `*` stands for anything.
    public var processNames: [String] = []
    public var tids: [UInt32] = []
    /// Names of threads; `*` stands for anything.
    public var threadNames: [String] = []
    /// Only waits: `WaitKind.name`.
    public var kinds: [WaitKind] = []
    /// Only waits that these threads ended.
    public var wakerTIDs: [UInt32] = []
    /// Only waits that threads of these names ended; `*` stands for anything.
    public var wakerNames: [String] = []
    /// Only waits for these resources, or for a set of which one of these ended the wait.
    public var resourceIDs: [Int64] = []
    /// Only waits for resources of these names, or that such a member ended; `*` stands for anything.
    public var resourceNames: [String] = []
    /// Only in totals: waits that make up at least this share (0 to 1) of their thread's time alive.
    public var minimumShare: Double = 0
    /// Only rows of these ticks, by number: for loaders that go on from page to page.
    var ticks: ClosedRange<Int64>?

    public init() {}

    /// Whether it chooses among waits, so that what is chosen need not add up to the threads' time blocked.
    public var choosesWaits: Bool {
        !kinds.isEmpty || !wakerTIDs.isEmpty || !wakerNames.isEmpty || !resourceIDs.isEmpty
            || !resourceNames.isEmpty || minimumShare > 0
    }

    /// The same choice of time and threads, with all of their waits.
    public var withAllWaits: Filter {
        var filter = Filter()
        (filter.from, filter.to) = (from, to)
        (filter.pids, filter.processNames) = (pids, processNames)
        (filter.tids, filter.threadNames) = (tids, threadNames)
        return filter
    }
}

/// Conditions and their arguments, joined with AND.
struct Conditions {
    private(set) var terms: [String] = []
    private(set) var arguments: [any DatabaseValueConvertible] = []

    /// `WHERE ...`, or nothing.
    var sql: String { terms.isEmpty ? "" : "WHERE " + terms.joined(separator: " AND ") }
    var statementArguments: StatementArguments { StatementArguments(arguments) }

    mutating func add(_ term: String, _ arguments: [any DatabaseValueConvertible] = []) {
        terms.append(term)
        self.arguments += arguments
    }

    /// A match of any of the ids or any of the names; nothing when both are empty.
    mutating func addAny(
        _ idColumn: String, _ ids: [some BinaryInteger], _ nameColumn: String, _ names: [String]
    ) {
        addAny([(idColumn, nameColumn)], ids, names)
    }

    /// The same, where one match in any of several pairs of columns is enough.
    mutating func addAny(
        _ columns: [(id: String, name: String)], _ ids: [some BinaryInteger], _ names: [String]
    ) {
        var choices: [String] = []
        var values: [any DatabaseValueConvertible] = []
        for (id, name) in columns {
            if !ids.isEmpty {
                choices.append("\(id) IN (\(Self.marks(ids.count)))")
                values += ids.map { Int64(clamping: $0) as any DatabaseValueConvertible }
            }
            for wanted in names {
                choices.append(wanted.contains("*") ? "\(name) GLOB ?" : "\(name) = ?")
                values.append(wanted.contains("*") ? Self.glob(wanted) : wanted)
            }
        }
        if !choices.isEmpty { add("(" + choices.joined(separator: " OR ") + ")", values) }
    }

    /// Only `*` is special to people; `?` and `[` occur in names of kernel threads.
    private static func glob(_ name: String) -> String {
        name.replacing("[", with: "[[]").replacing("?", with: "[?]")
    }

    static func marks(_ count: Int) -> String {
        Array(repeating: "?", count: count).joined(separator: ",")
    }
}

extension Filter {
    /// Conditions on ticks alone.
    var timeConditions: Conditions {
        var conditions = Conditions()
        if let from { conditions.add("time_ns > ?", [Int64(clamping: from)]) }
        if let to { conditions.add("time_ns <= ?", [Int64(clamping: to)]) }
        if let ticks { conditions.add("tick BETWEEN ? AND ?", [ticks.lowerBound, ticks.upperBound]) }
        return conditions
    }

    /// Conditions on the view `thread_seconds`.
    var threadConditions: Conditions {
        var conditions = timeConditions
        conditions.addAny("pid", pids, "process_comm", processNames)
        conditions.addAny("tid", tids, "comm", threadNames)
        return conditions
    }

    /// Conditions on the view `waits`.
    var waitConditions: Conditions {
        var conditions = threadConditions
        if !kinds.isEmpty {
            conditions.add("kind IN (\(Conditions.marks(kinds.count)))", kinds.map(\.name))
        }
        conditions.addAny("waker_tid", wakerTIDs, "waker_comm", wakerNames)
        conditions.addAny([("resource_id", "resource"), ("member_id", "member")], resourceIDs, resourceNames)
        return conditions
    }

    /// Conditions on kind, waker and resource in a table of waits named `r`.
    ///
    /// - Parameter hasMembers: whether the table has a column `member`.
    func waitTableConditions(hasMembers: Bool = true) -> Conditions {
        var conditions = Conditions()
        if !kinds.isEmpty {
            conditions.add(
                "r.kind IN (\(Conditions.marks(kinds.count)))", kinds.map { Int64($0.rawValue) })
        }
        var wakers = Conditions()
        wakers.addAny("tid", wakerTIDs, "comm", wakerNames)
        if !wakers.terms.isEmpty {
            conditions.add("r.waker IN (SELECT id FROM wakers \(wakers.sql))", wakers.arguments)
        }
        var resources = Conditions()
        resources.addAny("id", resourceIDs, "name", resourceNames)
        if !resources.terms.isEmpty {
            let chosen = "(SELECT id FROM resource_rows \(resources.sql))"
            if hasMembers {
                conditions.add(
                    "(r.resource IN \(chosen) OR r.member IN \(chosen))",
                    resources.arguments + resources.arguments)
            } else {
                conditions.add("r.resource IN \(chosen)", resources.arguments)
            }
        }
        return conditions
    }
}
