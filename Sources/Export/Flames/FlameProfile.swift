import Model

/// A frame of a flame graph: a function, or a thread, a wait, or who ended it.
public struct FlameFrame: Sendable, Hashable {
    public var name: String
    /// Where a function is from; empty and 0 if that is not known, or the frame is none.
    public var file = ""
    public var line: UInt32 = 0

    public init(_ name: String) { self.name = name }

    init(_ frame: StackFrame) {
        name = frame.name
        (file, line) = (frame.file.isEmpty ? frame.module : frame.file, frame.line)
    }
}

/// What a thread's time is spent on, in a flame graph.
public enum FlameState: String, Sendable, CaseIterable {
    case onCPU = "on-cpu"
    case runQueue = "run-queue"
    case blocked

    /// As frames show it.
    var title: String {
        switch self {
        case .onCPU: "on CPU"
        case .runQueue: "run queue"
        case .blocked: "blocked"
        }
    }
}

/// Time that has a stack of frames in common.
public struct FlameSample: Sendable, Equatable {
    /// The outermost first; the first is the process.
    public var frames: [FlameFrame]
    public var state: FlameState
    /// Nanoseconds.
    public var time: UInt64
    /// Waits that ended, or stays in the run queue.
    public var count: UInt64
}

/// Where the time of threads went, as stacks whose times add up to what the recording has of these threads.
public struct FlameProfile: Sendable {
    /// In the order of their frames' names; each stack occurs once in each state.
    public var samples: [FlameSample]
    /// Of the stretch, nanoseconds since the Unix epoch; 0 without a tick.
    public var from: UInt64
    public var to: UInt64

    public init(samples: [FlameSample], from: UInt64, to: UInt64) {
        var sums: [Key: FlameSample] = [:]
        for sample in samples where sample.time > 0 || sample.count > 0 {
            let key = Key(frames: sample.frames, state: sample.state)
            if sums[key] == nil {
                sums[key] = sample
            } else {
                sums[key]?.time &+= sample.time
                sums[key]?.count &+= sample.count
            }
        }
        self.samples = sums.values.sorted { Self.isBefore($0, $1) }
        (self.from, self.to) = (from, to)
    }

    private struct Key: Hashable {
        var frames: [FlameFrame]
        var state: FlameState
    }

    private static func isBefore(_ left: FlameSample, _ right: FlameSample) -> Bool {
        for (one, other) in zip(left.frames, right.frames) where one != other {
            return (one.name, one.file, one.line) < (other.name, other.file, other.line)
        }
        if left.frames.count != right.frames.count { return left.frames.count < right.frames.count }
        return left.state.rawValue < right.state.rawValue
    }
}
