import ExampleRecording
import Foundation
import Model
import Recording
import Testing

@testable import Export

@Suite struct FlameTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func recording(stacks: Bool) throws -> Recording {
        try ExampleRecording.write(to: scratch.path("a.stall"), stacks: stacks)
        return try Recording.open(scratch.path("a.stall"))
    }

    /// Filters by threads and time, and all states together and alone.
    @Test(
        arguments: [nil, 101, 103, 201] as [UInt32?],
        [Set(FlameState.allCases), [.onCPU], [.runQueue], [.blocked]])
    func timesAddUpToTheRecordings(tid: UInt32?, states: Set<FlameState>) throws {
        var filter = Filter()
        if let tid { filter.tids = [tid] }
        filter.from = ExampleRecording.start + ExampleRecording.duration
        filter.to = ExampleRecording.start + 4 * ExampleRecording.duration
        for stacks in [false, true] {
            let recording = try recording(stacks: stacks)
            let builder = try FlameBuilder(recording, filter, states: states)
            let profile = stacks ? try builder.byStacks() : try builder.byWaits()
            let threads = try recording.threadTotals(filter)
            func sum(_ state: FlameState) -> UInt64 {
                profile.samples.filter { $0.state == state }.reduce(0) { $0 + $1.time }
            }
            let expected: [(FlameState, UInt64)] = [
                (.onCPU, threads.reduce(0) { $0 + $1.sample.onCPU }),
                (.runQueue, threads.reduce(0) { $0 + $1.sample.runQueue }),
                (.blocked, threads.reduce(0) { $0 + $1.sample.blocked }),
            ]
            for (state, time) in expected { #expect(sum(state) == (states.contains(state) ? time : 0)) }
            #expect(!profile.samples.contains { $0.frames.last?.name == "unknown" && $0.time > 0 })
            #expect(profile.to - profile.from == 3 * ExampleRecording.duration)
            try FileManager.default.removeItem(atPath: scratch.path("a.stall"))
        }
    }

    @Test func aFilterOfWaitsLeavesOnlyTheseWaits() throws {
        var filter = Filter()
        filter.resourceNames = ["tcp *"]
        let profile = try FlameBuilder(recording(stacks: false), filter).byWaits()
        let sums = Dictionary(
            profile.samples.map { ($0.frames[1].name, $0.time) }, uniquingKeysWith: +)
        // Of the worker's set it is the member that ended the waits.
        #expect(
            sums == ["wörker, \"1\"/101": 6 * 270_000_000, "client/201": 6 * 450_000_000])
    }

    @Test func whatLossesLeaveWithoutANameIsUnknown() throws {
        let path = scratch.path("lossy.stall")
        let writer = try RecordingWriter.create(
            at: path,
            header: RecordingHeader(
                host: "box", kernel: "6.1.0", bootID: "b00t", cpus: 2, started: 1, interval: 100, command: "",
                version: ""))
        var batch = TickBatch(tick: Tick(number: 1, time: 1000, bootTime: 100, duration: 100))
        batch.processes = [
            ProcessVersion(
                id: 1, process: 1, since: 1, pid: 1, parentPID: 1, namespacePID: 1, started: 1, comm: "a")
        ]
        batch.threads = [
            ThreadVersion(
                id: 1, thread: 1, process: 1, since: 1, tid: 1, namespaceTID: 1, started: 1, comm: "b")
        ]
        var sample = ThreadSample()
        (sample.alive, sample.runQueue, sample.interruptible) = (100, 30, 70)
        batch.samples = [(1, sample)]
        try writer.append(batch)
        try writer.finish()
        let profile = try FlameBuilder(Recording.open(path), Filter()).byWaits()
        #expect(profile.samples.map(\.time) == [70, 30])
        #expect(profile.samples.allSatisfy { $0.frames.last?.name == "unknown" })
    }

    @Test func withoutStacksThatIsSaid() throws {
        let builder = try FlameBuilder(recording(stacks: false), Filter())
        #expect(throws: ExportError.self) { try builder.byStacks() }
        var filter = Filter()
        filter.kinds = [.futex]
        let recording = try Recording.open(scratch.path("a.stall"))
        #expect(throws: ExportError.self) { try FlameBuilder(recording, filter, states: [.onCPU]) }
    }

    @Test func namesStayWithinTheirFrame() throws {
        let frames = [FlameFrame("a;b\nc"), FlameFrame("")]
        let profile = FlameProfile(
            samples: [FlameSample(frames: frames, state: .blocked, time: 7, count: 1)], from: 0, to: 1)
        let file = try ExportFile(at: scratch.path("folded"))
        try FoldedStacks.write(profile, to: file)
        try file.finish()
        #expect(try String(contentsOfFile: scratch.path("folded"), encoding: .utf8) == "a:b\\nc;? 7\n")
    }
}
