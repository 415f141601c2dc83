import GRDB

/// A view of a recording as docs/recording.md describes it, with what its columns hold.
public struct RecordingView: Sendable, Equatable {
    /// What a column holds, where it is not NULL.
    public enum ColumnType: Sendable {
        case integer, real, text
        /// 0 or 1.
        case flag
        /// A JSON array of integers: a histogram, or ids.
        case integers
    }

    public struct Column: Sendable, Equatable {
        public var name: String
        public var type: ColumnType
    }

    /// Parts of a ``Filter`` that a view has columns for.
    public enum Choice: String, Sendable, CaseIterable {
        case time, process, thread, kind, waker, resource
        case minimumShare = "minimum share"
    }

    public var name: String
    public var columns: [Column]

    /// The parts of a filter that narrow this view's rows.
    public var choices: Set<Choice> {
        var choices: Set<Choice> = []
        if has("time_ns") || has("since_ns") { choices.insert(.time) }
        if has("pid"), processName != nil { choices.insert(.process) }
        if has("tid") { choices.insert(.thread) }
        if has("kind"), has("waker_kind") { choices.insert(.kind) }
        if has("waker_comm"), has("waker_tid") || has("waker_pid") { choices.insert(.waker) }
        if has("resource_id") { choices.insert(.resource) }
        return choices
    }

    /// The column with the name of a row's process, if it has one.
    var processName: String? {
        ["process_comm", "waiter", "comm"].first(where: has)
    }

    func has(_ column: String) -> Bool { columns.contains { $0.name == column } }
}

extension RecordingView.Column {
    init(name: String) {
        self.init(name: name, type: Self.types[name] ?? .integer)
    }

    /// Columns that are no integers.  A name means the same in each view.
    private static let types: [String: RecordingView.ColumnType] = {
        var types: [String: RecordingView.ColumnType] = [:]
        for name in [
            "advice", "cgroup", "comm", "command_line", "container", "controller", "device", "direction",
            "event", "executable", "file", "function", "identity", "issued", "kind", "local_address",
            "member",
            "module", "name", "occupant_cgroup", "occupant_comm", "occupant_kind", "operation", "path",
            "place",
            "pod", "process_comm", "reason", "remote_address", "resource", "socket_type", "stack", "syscall",
            "waiter", "waker_comm", "waker_kind", "waker_stack", "what",
        ] { types[name] = .text }
        for name in ["hit_ratio", "ipc", "load", "queue_length"] { types[name] = .real }
        for name in [
            "io", "is_exit", "is_kernel", "is_scaled", "root", "timed_out", "uninterruptible",
        ] { types[name] = .flag }
        for name in [
            "burst_histogram", "device_histogram", "histogram", "members", "queue_histogram",
            "run_queue_histogram", "wake_gap_histogram", "waking_histogram",
        ] { types[name] = .integers }
        return types
    }()
}

extension Filter {
    /// The parts that are set.
    public var choices: Set<RecordingView.Choice> {
        var choices: Set<RecordingView.Choice> = []
        if from != nil || to != nil { choices.insert(.time) }
        if !pids.isEmpty || !processNames.isEmpty { choices.insert(.process) }
        if !tids.isEmpty || !threadNames.isEmpty { choices.insert(.thread) }
        if !kinds.isEmpty { choices.insert(.kind) }
        if !wakerTIDs.isEmpty || !wakerNames.isEmpty { choices.insert(.waker) }
        if !resourceIDs.isEmpty || !resourceNames.isEmpty { choices.insert(.resource) }
        if minimumShare > 0 { choices.insert(.minimumShare) }
        return choices
    }

    /// Conditions on the rows of a view, by those parts of the filter that it has columns for.
    func conditions(on view: RecordingView) -> Conditions {
        var conditions = timeConditions(on: view)
        let choices = view.choices
        if choices.contains(.process), let name = view.processName {
            conditions.addAny("pid", pids, name, processNames)
        }
        if choices.contains(.thread) {
            conditions.addAny("tid", tids, view.has("comm") ? "comm" : "NULL", threadNames)
        }
        if choices.contains(.kind), !kinds.isEmpty {
            conditions.add("kind IN (\(Conditions.marks(kinds.count)))", kinds.map(\.name))
        }
        if choices.contains(.waker) {
            // Of edges, which are between processes, a number is the waker's pid.
            conditions.addAny(
                view.has("waker_tid") ? "waker_tid" : "waker_pid", wakerTIDs, "waker_comm", wakerNames)
        }
        if choices.contains(.resource) {
            var columns = [
                ("resource_id", view.has("resource") ? "resource" : view.has("file") ? "file" : "name")
            ]
            if view.has("member_id") { columns.append(("member_id", "member")) }
            conditions.addAny(columns, resourceIDs, resourceNames)
        }
        return conditions
    }

    private func timeConditions(on view: RecordingView) -> Conditions {
        if view.name == "intervals" {
            // Their time is when a spell began, but they belong to the tick in which it ended.
            var conditions = Conditions()
            if let from {
                conditions.add(
                    "tick >= (SELECT min(tick) FROM ticks WHERE time_ns > ?)", [Int64(clamping: from)])
            }
            if let to {
                conditions.add(
                    "tick <= (SELECT max(tick) FROM ticks WHERE time_ns <= ?)", [Int64(clamping: to)])
            }
            return conditions
        }
        if view.has("time_ns") { return timeConditions }
        var conditions = Conditions()
        // What was true at any time of the stretch.
        if let to, view.has("since_ns") { conditions.add("since_ns <= ?", [Int64(clamping: to)]) }
        if let from, view.has("until_ns") {
            conditions.add("(until_ns IS NULL OR until_ns > ?)", [Int64(clamping: from)])
        }
        return conditions
    }
}
