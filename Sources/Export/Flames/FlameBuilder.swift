import Model
import Recording

/// Makes flame graphs of a recording.
public struct FlameBuilder {
    private let recording: Recording
    private let filter: Filter
    private let states: Set<FlameState>

    /// - Parameter states: what time to show.  A filter that chooses among waits leaves only the time blocked.
    /// - Throws: ``ExportError/nothingToShow(reason:)`` if that is none.
    public init(
        _ recording: Recording, _ filter: Filter, states: Set<FlameState> = Set(FlameState.allCases)
    ) throws(ExportError) {
        self.recording = recording
        self.filter = filter
        self.states = filter.choosesWaits ? states.intersection([.blocked]) : states
        guard !self.states.isEmpty else {
            throw .nothingToShow(reason: "only time that is spent blocked can be chosen by waits")
        }
    }

    /// Process; thread; kind of wait; resource; who ended it.
    public func byWaits() throws(RecordingError) -> FlameProfile {
        let threads = try recording.threadTotals(filter)
        var samples: [FlameSample] = []
        if states.contains(.onCPU) {
            samples += threads.map { thread in
                FlameSample(
                    frames: Self.base(thread) + [FlameFrame(FlameState.onCPU.title)], state: .onCPU,
                    time: thread.sample.onCPU, count: 0)
            }
        }
        if states.contains(.runQueue) {
            samples += Self.waking(threads) { Self.base($0) } + (try runQueue(threads) { Self.base($0) })
        }
        if states.contains(.blocked) { samples += try blocked(threads) }
        return try profile(samples)
    }

    /// Process; functions where threads waited; kind of wait; who ended it; functions where that one was, the innermost
    /// first.  Where threads were on a CPU is not recorded.
    /// - Throws: ``ExportError/nothingToShow(reason:)`` without stacks, `RecordingError`.
    public func byStacks() throws -> FlameProfile {
        guard try recording.hasStacks() else {
            throw ExportError.nothingToShow(
                reason:
                    "this recording has no stacks: make one with `stallscope record --stacks`, or leave --stacks out"
            )
        }
        let threads = try recording.threadTotals(filter)
        var samples: [FlameSample] = []
        if states.contains(.onCPU) {
            samples += threads.map { thread in
                FlameSample(
                    frames: [Self.process(thread), FlameFrame(FlameState.onCPU.title)], state: .onCPU,
                    time: thread.sample.onCPU, count: 0)
            }
        }
        if states.contains(.runQueue) {
            samples += Self.waking(threads) { [Self.process($0)] }
            samples += try runQueue(threads) { [Self.process($0)] }
        }
        if states.contains(.blocked) { samples += try recording.stackTotals(filter).map(Self.sample) }
        return try profile(samples)
    }

    /// On the way to a run queue: shown with what follows.
    private static func waking(
        _ threads: [ThreadTotal], _ base: (ThreadTotal) -> [FlameFrame]
    ) -> [FlameSample] {
        threads.map {
            FlameSample(
                frames: base($0) + [FlameFrame("waking")], state: .runQueue, time: $0.sample.waking, count: 0)
        }
    }

    private func profile(_ samples: [FlameSample]) throws(RecordingError) -> FlameProfile {
        let ticks = try recording.ticks(filter)
        return FlameProfile(
            samples: samples, from: ticks.first.map { $0.time - min($0.time, $0.duration) } ?? 0,
            to: ticks.last?.time ?? 0)
    }

    private static func process(_ thread: ThreadTotal) -> FlameFrame {
        FlameFrame("\(thread.processComm)/\(thread.pid)")
    }

    private static func base(_ thread: ThreadTotal) -> [FlameFrame] {
        [process(thread), FlameFrame("\(thread.comm)/\(thread.tid)")]
    }

    /// What the rows of a part do not account for, so that the times add up: names that were lost leave their time.
    private static func rest(
        _ thread: ThreadTotal, _ base: [FlameFrame], _ state: FlameState, _ whole: UInt64, _ told: UInt64
    ) -> FlameSample {
        FlameSample(
            frames: base + [FlameFrame(state.title), FlameFrame("unknown")], state: state,
            time: whole > told ? whole - told : 0, count: 0)
    }
}

extension FlameBuilder {
    private func runQueue(
        _ threads: [ThreadTotal], _ base: (ThreadTotal) -> [FlameFrame]
    ) throws(RecordingError) -> [FlameSample] {
        let known = Dictionary(threads.map { ($0.thread, $0) }, uniquingKeysWith: { first, _ in first })
        var told: [Int64: UInt64] = [:]
        var samples: [FlameSample] = []
        for occupant in try recording.occupantTotals(filter) {
            guard let thread = known[occupant.thread] else { continue }
            told[occupant.thread, default: 0] += occupant.total
            let who =
                occupant.occupantPID.map { "\(occupant.occupantComm ?? "?")/\($0) had the CPU" }
                ?? occupant.kind
            samples.append(
                FlameSample(
                    frames: base(thread) + [FlameFrame(FlameState.runQueue.title), FlameFrame(who)],
                    state: .runQueue, time: occupant.total, count: occupant.count))
        }
        for thread in threads {
            samples.append(
                Self.rest(
                    thread, base(thread), .runQueue, thread.sample.runQueue, told[thread.thread] ?? 0))
        }
        return samples
    }

    private func blocked(_ threads: [ThreadTotal]) throws(RecordingError) -> [FlameSample] {
        let known = Dictionary(threads.map { ($0.thread, $0) }, uniquingKeysWith: { first, _ in first })
        let resources = try recording.resources()
        var told: [Int64: UInt64] = [:]
        var samples: [FlameSample] = []
        for wait in try recording.waitTotals(filter) {
            guard let thread = known[wait.thread] else { continue }
            told[wait.thread, default: 0] += wait.total
            var frames = Self.base(thread)
            frames.append(FlameFrame(wait.direction.map { "\(wait.kind) \($0)" } ?? wait.kind))
            for id in [wait.resourceID, wait.memberID] {
                if let resource = resources[id] { frames.append(FlameFrame(resource.group)) }
            }
            if let device = wait.device { frames.append(FlameFrame("on \(device)")) }
            frames.append(Self.waker(wait.wakerKind, wait.wakerComm, wait.wakerTID, wait.timedOut))
            samples.append(FlameSample(frames: frames, state: .blocked, time: wait.total, count: wait.count))
        }
        guard !filter.choosesWaits else { return samples }
        for thread in threads {
            samples.append(
                Self.rest(
                    thread, Self.base(thread), .blocked, thread.sample.blocked, told[thread.thread] ?? 0))
        }
        return samples
    }

    private static func sample(_ total: StackTotal) -> FlameSample {
        var frames = [FlameFrame("\(total.processComm)/\(total.pid)")]
        frames +=
            total.frames.isEmpty ? [FlameFrame("[no stack]")] : total.frames.reversed().map(FlameFrame.init)
        frames.append(FlameFrame(total.kind))
        frames.append(waker(total.wakerKind, total.wakerComm, total.wakerPID, false))
        frames += total.wakerFrames.map(FlameFrame.init)
        return FlameSample(frames: frames, state: .blocked, time: total.total, count: total.count)
    }

    private static func waker(_ kind: String, _ comm: String?, _ id: UInt32?, _ timedOut: Bool) -> FlameFrame
    {
        if timedOut { return FlameFrame("timed out") }
        if kind == WakerKind.pending.name { return FlameFrame("not ended") }
        guard let comm else { return FlameFrame("ended by \(kind)") }
        return FlameFrame("ended by \(comm)" + (id.map { "/\($0)" } ?? ""))
    }
}
