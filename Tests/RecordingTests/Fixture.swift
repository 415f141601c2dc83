import Foundation
import Model

@testable import Recording

/// A directory that is removed with its test.
final class Scratch {
    let directory: String

    init() throws {
        let base = FileManager.default.temporaryDirectory.path
        directory = base + "/recording-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: directory)
        } catch {
            print("left behind: \(directory): \(error)")
        }
    }

    func path(_ name: String = "test.stall") -> String { directory + "/" + name }
}

/// A made-up recording: tick `n` ends `n` seconds after `start`.
enum Fixture {
    static let start: UInt64 = 1_700_000_000_000_000_000
    static let second: UInt64 = 1_000_000_000

    static let header = RecordingHeader(
        host: "box", kernel: "6.1.0", bootID: "b00t", cpus: 2, started: start, interval: second,
        command: "stallscope record --pid 100", version: "0.1.0")

    static func batch(_ tick: Int64) -> TickBatch {
        TickBatch(
            tick: Tick(
                number: tick, time: start + UInt64(tick) * second, bootTime: UInt64(tick) * second,
                duration: second))
    }

    static func process(_ id: Int64 = 1, process: Int64 = 1, pid: UInt32 = 100, comm: String = "server")
        -> ProcessVersion
    {
        ProcessVersion(
            id: id, process: process, since: start, pid: pid, parentPID: 1, namespacePID: 7, started: start,
            comm: comm, commandLine: "/bin/\(comm) --fast", executable: "/bin/\(comm)", cgroup: "/a.slice",
            container: "c0ffee", pod: "0a1b", uid: 33)
    }

    static func thread(
        _ id: Int64, thread: Int64? = nil, process: Int64 = 1, tid: UInt32? = nil, comm: String = "worker"
    ) -> ThreadVersion {
        ThreadVersion(
            id: id, thread: thread ?? id, process: process, since: start, tid: tid ?? UInt32(100 + id),
            namespaceTID: 8, started: start, comm: comm)
    }

    /// A sample whose states add up to a second, with every field different from the others.
    static func sample(onCPU: UInt64 = 300_000_000) -> ThreadSample {
        var sample = ThreadSample()
        sample.alive = second
        sample.onCPU = onCPU
        sample.runQueue = 100_000_000
        sample.uninterruptible = 50_000_000
        sample.interruptible = second - onCPU - 150_000_000
        sample.ioWait = 40_000_000
        sample.voluntarySwitches = 11
        sample.involuntarySwitches = 12
        sample.wakeups = 13
        sample.migrations = 14
        sample.minorFaults = 15
        sample.majorFaults = 16
        sample.bursts = 20
        sample.burstTotal = 300_000_000
        sample.longestBurst = 90_000_000
        sample.burstLengths = Histogram(counts: [0, 0, 20])
        sample.wakeGaps = 10
        sample.wakeGapTotal = 900_000_000
        sample.wakeGapLengths = Histogram(counts: [1, 0, 0, 9])
        sample.kernelOnCPU = onCPU + 7
        sample.kernelRunQueue = 100_000_009
        sample.stolen = 1_000_003
        sample.runQueues = 21
        sample.longestRunQueue = 7_000_001
        sample.runQueueLengths = Histogram(counts: [0, 0, 0, 21])
        return sample
    }

    static let futex = WaitSubject(kind: .futex, syscall: 202)
    static let read = WaitSubject(
        kind: .fileRead, syscall: 0, direction: .read, isUninterruptible: true, isIO: true)
    static let peer = Waker(kind: .thread, pid: 100, tid: 102, comm: "peer")

    /// Writes batches, finishes, and opens the recording.
    static func recording(_ scratch: Scratch, _ batches: [TickBatch]) throws -> Recording {
        let writer = try RecordingWriter.create(at: scratch.path(), header: header)
        for batch in batches { try writer.append(batch) }
        try writer.finish()
        return try Recording.open(scratch.path())
    }

    /// `batch(1)` with one process and these threads in it.
    static func firstBatch(threads: [Int64] = [1]) -> TickBatch {
        var batch = batch(1)
        batch.processes = [process()]
        batch.threads = threads.map { thread($0) }
        return batch
    }
}
