import Model
import Probes

/// Every stack that was met, with names instead of addresses: stacks that read the same are one in the recording, also
/// where two processes have the same program at different addresses.
struct StackTable {
    private let source: any StackFactsSource
    /// Met, and not named yet: finding names takes longer than a burst of events leaves time for.
    private var unnamed: [UInt32: StackRecord] = [:]
    /// Their ids, as they were met.
    private var queue: [UInt32] = []
    /// Frames by the kernel side's id of a stack, the innermost first.
    private var named: [UInt32: [Int64]] = [:]
    /// The recording's ids.
    private var ids: [StackWaitRecord.Stacks: Int64] = [:]
    private var idsByFrames: [[Int64]: Int64] = [:]
    private var frameIDs: [StackFrame: Int64] = [:]
    private var lastStack: Int64 = 0
    private var lastFrame: Int64 = 0
    private var newStacks: [CallStack] = []
    private var newFrames: [(id: Int64, frame: StackFrame)] = []
    private var foldedNames: [Int64: String] = [:]

    /// Beyond this many of a kind it is forgotten which rows there are, and the same stack may get a second one.  Names of
    /// frames are kept: a wait may refer to a stack that was met long ago.
    private static let keptRows = 200_000

    init(source: any StackFactsSource) { self.source = source }

    func prepare() { source.prepare() }

    mutating func handle(_ record: StackRecord) {
        source.meet(record)
        unnamed[record.id] = record
        // The kernel does not go away.
        if !record.isKernel { queue.append(record.id) }
    }

    /// Names some of those that were met, while the process that has them is likely to be there still.
    mutating func nameNext(_ count: Int) {
        for id in queue.prefix(count) { _ = frames(of: id) }
        queue.removeFirst(min(count, queue.count))
    }

    mutating func sample(_ record: StackWaitRecord) -> StackWaitSample {
        StackWaitSample(
            stack: id(of: record.stacks), wakerStack: id(of: record.wakerStacks), kind: record.kind,
            resource: record.resource, waker: record.waker, count: record.count, total: record.total,
            longest: record.longest, isCarried: record.isCarried)
    }

    /// Rows for the next batch.
    mutating func takeNew() -> ([(id: Int64, frame: StackFrame)], [CallStack]) {
        defer {
            newStacks = []
            newFrames = []
            if frameIDs.count > Self.keptRows || idsByFrames.count > Self.keptRows
                || ids.count > Self.keptRows
            {
                ids.removeAll()
                idsByFrames.removeAll()
            }
        }
        return (newFrames, newStacks)
    }

    /// A process's side within, or rather below the kernel's: 0 if there is neither.
    private mutating func id(of stacks: StackWaitRecord.Stacks) -> Int64 {
        if stacks.user == 0, stacks.kernel == 0 { return 0 }
        if let id = ids[stacks] { return id }
        let frames = self.frames(of: stacks.kernel) + self.frames(of: stacks.user)
        let id = self.id(ofFrames: frames)
        ids[stacks] = id
        return id
    }

    private mutating func id(ofFrames frames: [Int64]) -> Int64 {
        if let id = idsByFrames[frames] { return id }
        lastStack += 1
        idsByFrames[frames] = lastStack
        let folded = frames.reversed().map { foldedNames[$0] ?? "?" }.joined(separator: ";")
        newStacks.append(CallStack(id: lastStack, frames: frames, folded: folded))
        return lastStack
    }

    private mutating func frames(of id: UInt32) -> [Int64] {
        if id == 0 { return [] }
        if let known = named[id] { return known }
        // What was lost, in the kernel or on its way to us.
        guard let record = unnamed.removeValue(forKey: id) else {
            return [self.id(of: StackFrame(function: "[lost]", module: ""))]
        }
        var frames = source.frames(of: record)
        if record.isCut {
            frames.append(StackFrame(function: "[cut]", module: "", isKernel: record.isKernel))
        }
        let ids = frames.map { self.id(of: $0) }
        named[id] = ids
        return ids
    }

    private mutating func id(of frame: StackFrame) -> Int64 {
        if let id = frameIDs[frame] { return id }
        lastFrame += 1
        frameIDs[frame] = lastFrame
        // A semicolon stands between two frames.
        foldedNames[lastFrame] = String(frame.name.map { $0 == ";" ? ":" : $0 })
        newFrames.append((lastFrame, frame))
        return lastFrame
    }
}
