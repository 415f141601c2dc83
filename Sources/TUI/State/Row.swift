import Model

/// What can be selected.
public enum RowID: Hashable, Sendable {
    /// Ids of the recording.
    case process(Int64)
    case thread(Int64)
}

/// A line of the list: a process with its threads' sum, or a thread.
public struct Row: Sendable, Equatable {
    public var id: RowID
    public var name: String
    /// The pid or tid.
    public var number: UInt32
    public var load: Load
    /// Of a process: how many threads it has; of a thread, nil.
    public var threadCount: Int?
    /// The thread itself; nil for a process.
    public var thread: ThreadView?
    /// It is below its process.
    public var isIndented = false
}

extension TopState {
    /// The list as it is sorted, filtered and folded.
    public func rows(_ snapshot: TopSnapshot) -> [Row] {
        let pattern = NamePattern(filter)
        let threads = snapshot.threads.filter { pattern.matches($0) }
        let rows = threads.map(Self.row)
        guard isGrouped else { return rows.sorted(by: comesBefore) }
        var processes: [Int64: (process: Row, threads: [Row])] = [:]
        for (thread, row) in zip(threads, rows) {
            var group = processes[thread.process] ?? (Self.process(thread), [])
            group.process.load.sample += thread.sample
            group.process.load.blocked += thread.blocked
            group.process.threadCount = (group.process.threadCount ?? 0) + 1
            group.threads.append(row)
            processes[thread.process] = group
        }
        return processes.values.sorted { comesBefore($0.process, $1.process) }.flatMap { group in
            guard !folded.contains(group.process.id) else { return [group.process] }
            return [group.process]
                + group.threads.sorted(by: comesBefore).map { row in
                    var row = row
                    row.isIndented = true
                    return row
                }
        }
    }

    private static func row(_ thread: ThreadView) -> Row {
        Row(
            id: .thread(thread.thread), name: thread.comm, number: thread.tid,
            load: Load(sample: thread.sample, blocked: thread.blocked), thread: thread)
    }

    private static func process(_ thread: ThreadView) -> Row {
        Row(id: .process(thread.process), name: thread.processComm, number: thread.pid, load: Load())
    }

    private func comesBefore(_ left: Row, _ right: Row) -> Bool {
        if let (a, b) = sort.value(left.load).flatMap({ a in sort.value(right.load).map { (a, $0) } }), a != b
        {
            return a > b
        }
        if sort == .name, left.name != right.name { return left.name < right.name }
        return left.number < right.number
    }
}

/// What the filter asks for: part of a name, with `*` for anything, or a pid or tid.
struct NamePattern {
    private let parts: [String]

    init(_ text: String) { parts = text.lowercased().split(separator: "*").map(String.init) }

    func matches(_ thread: ThreadView) -> Bool {
        parts.isEmpty
            || [thread.comm, thread.processComm, "\(thread.tid)", "\(thread.pid)"].contains(where: holds)
    }

    private func holds(_ name: String) -> Bool {
        var rest = name.lowercased()[...]
        for part in parts {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}
