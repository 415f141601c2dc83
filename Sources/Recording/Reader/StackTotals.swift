import GRDB
import Model

/// Waits of a process that have in common where they were in its program, and who ended them from where, over a stretch
/// of a recording.  Stacks that read the same are one, whatever line of a function a call is in.
public struct StackTotal: Sendable, Equatable {
    public var process: Int64
    public var pid: UInt32
    public var processComm: String
    /// How many threads waited so.
    public var threads: Int
    /// `WaitKind.name`.
    public var kind: String
    /// What they were for, the longest time first.
    public var resources: [String]
    /// The innermost first, the kernel's before the process's; empty if no stack is known.
    public var frames: [StackFrame]
    /// The same as the view `stack_waits` has it.
    public var stack: String
    /// `WakerKind.name`.
    public var wakerKind: String
    public var wakerComm: String?
    public var wakerPID: UInt32?
    public var wakerFrames: [StackFrame]
    public var wakerStack: String
    public var count: UInt64
    /// Nanoseconds.
    public var total: UInt64
    public var longest: UInt64

    public init(
        process: Int64, pid: UInt32, processComm: String, threads: Int, kind: String, resources: [String],
        frames: [StackFrame], stack: String, wakerKind: String, wakerComm: String?, wakerPID: UInt32?,
        wakerFrames: [StackFrame], wakerStack: String, count: UInt64, total: UInt64, longest: UInt64
    ) {
        (self.process, self.pid, self.processComm) = (process, pid, processComm)
        (self.threads, self.kind, self.resources) = (threads, kind, resources)
        (self.frames, self.stack, self.wakerKind) = (frames, stack, wakerKind)
        (self.wakerComm, self.wakerPID, self.wakerFrames) = (wakerComm, wakerPID, wakerFrames)
        (self.wakerStack, self.count, self.total, self.longest) = (wakerStack, count, total, longest)
    }
}

extension Recording {
    /// Whether call stacks were recorded.
    public func hasStacks() throws(RecordingError) -> Bool {
        try read { db in
            guard try db.tableExists("stack_samples") else { return false }
            return try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM stack_samples)") ?? false
        }
    }

    /// Where the filter's threads waited, the longest total first; empty where stacks were not recorded.
    ///
    /// ``Filter/minimumShare`` does not apply, as these are sums over threads.
    public func stackTotals(_ filter: Filter = Filter()) throws(RecordingError) -> [StackTotal] {
        try read { db in
            // Older recordings have none.
            guard try db.tableExists("stack_samples") else { return [] }
            var sums = try StackSums(Selection(filter, db), WaitNames(db), StackTexts(db))
            try sums.add(filter, db)
            return sums.totals()
        }
    }
}

/// The stacks of a recording, by their ids.
private struct StackTexts {
    var folded: [Int64: String] = [:]
    var frames: [Int64: [StackFrame]] = [:]

    init(_ db: Database) throws {
        var known: [Int64: StackFrame] = [:]
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM frame_rows")
        while let row = try rows.next() {
            known[row.integer("id")] = StackFrame(
                function: row.text("function"), module: row.text("module"),
                address: UInt64(bitPattern: row.integer("address")), offset: row.unsigned("offset"),
                file: row.text("file"), line: UInt32(clamping: row.unsigned("line")),
                isKernel: row.integer("is_kernel") != 0)
        }
        let stacks = try Row.fetchCursor(db, sql: "SELECT id, folded FROM stack_rows")
        while let row = try stacks.next() { folded[row.integer(at: 0)] = row.text(at: 1) }
        let places = try Row.fetchCursor(
            db, sql: "SELECT stack, frame FROM stack_frame_rows ORDER BY stack, depth")
        while let row = try places.next() {
            if let frame = known[row.integer(at: 1)] { frames[row.integer(at: 0), default: []].append(frame) }
        }
    }
}

/// Sums of waits by stack.
private struct StackSums {
    private struct Key: Hashable {
        var process, kind: Int64
        var stack, wakerStack, wakerKind, wakerComm: String
    }

    private struct Sum {
        var version: Selection.Version?
        var stack: Int64 = 0
        var wakerStack: Int64 = 0
        var wakerPIDs: Set<UInt32> = []
        var threads: Set<Int64> = []
        var resources: [Int64: UInt64] = [:]
        var count: UInt64 = 0
        var total: UInt64 = 0
        var longest: UInt64 = 0
    }

    private let selection: Selection
    private let names: WaitNames
    private let texts: StackTexts
    private var sums: [Key: Sum] = [:]

    init(_ selection: Selection, _ names: WaitNames, _ texts: StackTexts) {
        (self.selection, self.names, self.texts) = (selection, names, texts)
    }

    mutating func add(_ filter: Filter, _ db: Database) throws {
        let source = selection.source(
            "stack_samples", filter, adding: filter.waitTableConditions(hasMembers: false))
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.thread, r.kind, r.resource, r.stack, r.waker, r.waker_stack, r.count, r.total_ns, r.max_ns
                \(source.sql)
                """, arguments: source.arguments)
        while let row = try rows.next() {
            let version = selection.versions[row.integer(at: 0)]
            if version == nil, selection.isSelective { continue }
            add(row, version)
        }
    }

    private mutating func add(_ row: Row, _ version: Selection.Version?) {
        let waker = names.wakers[row.integer(at: 4)]
        let (stack, wakerStack) = (row.integer(at: 3), row.integer(at: 5))
        let key = Key(
            process: version?.process ?? 0, kind: row.integer(at: 1), stack: texts.folded[stack] ?? "",
            wakerStack: texts.folded[wakerStack] ?? "", wakerKind: waker?.kind ?? "pending",
            wakerComm: waker?.comm ?? "")
        var sum = sums.removeValue(forKey: key) ?? Sum()
        sum.version = version ?? sum.version
        (sum.stack, sum.wakerStack) = (stack, wakerStack)
        if let pid = waker?.pid { sum.wakerPIDs.insert(pid) }
        if let version { sum.threads.insert(version.thread) }
        sum.resources[row.integer(at: 2), default: 0] += row.unsigned(at: 7)
        sum.count &+= row.unsigned(at: 6)
        sum.total &+= row.unsigned(at: 7)
        sum.longest = max(sum.longest, row.unsigned(at: 8))
        sums[key] = sum
    }

    func totals() -> [StackTotal] {
        sums.map { key, sum in
            StackTotal(
                process: key.process, pid: sum.version?.pid ?? 0, processComm: sum.version?.processComm ?? "",
                threads: sum.threads.count, kind: names.kinds[key.kind] ?? "other",
                resources: sum.resources.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                    .compactMap { names.resources[$0.key] },
                frames: texts.frames[sum.stack] ?? [], stack: key.stack, wakerKind: key.wakerKind,
                wakerComm: key.wakerComm.isEmpty ? nil : key.wakerComm,
                wakerPID: sum.wakerPIDs.count == 1 ? sum.wakerPIDs.first : nil,
                wakerFrames: texts.frames[sum.wakerStack] ?? [], wakerStack: key.wakerStack,
                count: sum.count, total: sum.total, longest: sum.longest)
        }.sorted { ($1.total, $0.process, $0.stack) < ($0.total, $1.process, $1.stack) }
    }
}
