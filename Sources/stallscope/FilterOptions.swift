import ArgumentParser
import Model
import Recording

/// A stretch of a recording, as options give it.
struct TimeOptions: ParsableArguments {
    @Option(help: "Only ticks that end after this time.")
    var from: String?

    @Option(help: "Only ticks that end at this time or before.")
    var to: String?

    var isEmpty: Bool { from == nil && to == nil }

    /// - Parameter start: of the recording, nanoseconds since the Unix epoch.
    func add(to filter: inout Filter, start: UInt64) throws {
        filter.from = try TimeArgument.time(from, "--from", start)
        filter.to = try TimeArgument.time(to, "--to", start)
        if let from = filter.from, let to = filter.to, from >= to {
            throw ValidationError("--from must be before --to.")
        }
    }
}

/// Threads of a recording, as options give them.
struct ThreadOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Only threads with this tid or name; * stands for anything.", valueName: "tid|name"))
    var thread: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only processes with this pid or name; * stands for anything.", valueName: "pid|name"))
    var process: [String] = []

    var isEmpty: Bool { thread.isEmpty && process.isEmpty }

    func add(to filter: inout Filter) {
        for name in thread {
            if let tid = UInt32(name) { filter.tids.append(tid) } else { filter.threadNames.append(name) }
        }
        for name in process {
            if let pid = UInt32(name) { filter.pids.append(pid) } else { filter.processNames.append(name) }
        }
    }
}

/// Which part of a recording a command looks at.  Options of different names narrow the choice together; of one that is
/// given several times, one match is enough.
struct FilterOptions: ParsableArguments {
    @OptionGroup var time: TimeOptions

    @OptionGroup var threads: ThreadOptions

    @Option(
        help: ArgumentHelp(
            "Only waits for the resource with this id or name; * stands for anything.", valueName: "id|name"))
    var resource: [String] = []

    @Option(help: ArgumentHelp("Only waits of this kind, as in futex or file_read.", valueName: "kind"))
    var kind: [WaitKind] = []

    @Option(
        help: ArgumentHelp(
            "Only waits that the thread with this tid or name ended; * stands for anything.",
            valueName: "tid|name"))
    var waker: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only sums of waits that make up this share of their thread's time alive, as in 5%.",
            valueName: "percent"))
    var minShare: ShareArgument?

    var isEmpty: Bool {
        time.isEmpty && threads.isEmpty && resource.isEmpty && kind.isEmpty && waker.isEmpty
            && minShare == nil
    }

    /// - Parameter start: of the recording, nanoseconds since the Unix epoch.
    /// - Throws: `ValidationError` for times that are none.
    func filter(start: UInt64) throws -> Filter {
        var filter = Filter()
        try time.add(to: &filter, start: start)
        threads.add(to: &filter)
        for name in resource {
            if let id = Int64(name) {
                filter.resourceIDs.append(id)
            } else {
                filter.resourceNames.append(name)
            }
        }
        for name in waker {
            if let tid = UInt32(name) { filter.wakerTIDs.append(tid) } else { filter.wakerNames.append(name) }
        }
        filter.kinds = kind
        filter.minimumShare = minShare?.share ?? 0
        return filter
    }
}

/// A share of a whole, as a percentage: `5%`, `0.5`.
struct ShareArgument: ExpressibleByArgument {
    /// 0 to 1.
    let share: Double

    init?(argument: String) {
        let number = argument.hasSuffix("%") ? String(argument.dropLast()) : argument
        guard let percent = Double(number), (0...100).contains(percent) else { return nil }
        share = percent / 100
    }
}

extension WaitKind: ExpressibleByArgument {
    public init?(argument: String) {
        guard let kind = WaitKind.allCases.first(where: { $0.name == argument }) else { return nil }
        self = kind
    }

    public static var allValueStrings: [String] { allCases.map(\.name) }
}
