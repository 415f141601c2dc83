import Foundation
import Model
import Testing

@testable import Recording

/// Not a test of right or wrong, so it only runs when asked for:
/// `STALLSCOPE_BENCH_RECORDING=out.stall swift test -c release -Xswiftc -enable-testing --filter WriterCost`
/// writes a recording of 1,000 threads and prints what a row costs.
@Suite struct WriterCostTests {
    static let output = ProcessInfo.processInfo.environment["STALLSCOPE_BENCH_RECORDING"]

    @Test(.enabled(if: output != nil)) func appendingIsCheap() throws {
        let path = try #require(Self.output)
        let busy: Int64 = 250
        let threads: Int64 = 1000
        let ticks = Int64(ProcessInfo.processInfo.environment["STALLSCOPE_BENCH_TICKS"] ?? "") ?? 600
        let writer = try RecordingWriter.create(at: path, header: Fixture.header)
        var rows = 0
        let clock = ContinuousClock()
        var spent = Duration.zero
        for number in 1...ticks {
            var batch = Fixture.batch(number)
            if number == 1 {
                batch.processes = (1...10).map {
                    Fixture.process($0, process: $0, pid: UInt32(99 + $0), comm: "server-\($0)")
                }
                batch.threads = (1...threads).map {
                    Fixture.thread($0, process: 1 + $0 % 10, tid: UInt32(1000 + $0), comm: "worker-\($0)")
                }
                batch.idleRuns = (busy + 1...threads).map {
                    IdleRun(thread: $0, firstTick: 1, subject: Fixture.futex)
                }
            }
            for thread in 1...busy { fill(&batch, thread, number) }
            rows += batch.samples.count + batch.waits.count + batch.resolutions.count
            spent += try clock.measure { try writer.append(batch) }
        }
        try writer.finish()
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let seconds = Double(spent.components.seconds) + Double(spent.components.attoseconds) * 1e-18
        print(
            "\(rows) rows in \(seconds) s: \(seconds / Double(rows) * 1e6) us a row;",
            "\(size / Int(busy * ticks)) bytes a busy thread-second")
    }

    /// A busy thread: a sample, three waits of which one goes on, and the end of the one before.
    private func fill(_ batch: inout TickBatch, _ thread: Int64, _ number: Int64) {
        var sample = Fixture.sample(onCPU: UInt64((thread * 7919 + number * 104_729) % 800_000_000))
        for _ in 0..<60 { sample.burstLengths.add(UInt64.random(in: 500...5_000_000)) }
        for _ in 0..<60 { sample.wakeGapLengths.add(UInt64.random(in: 50_000...50_000_000)) }
        batch.samples.append((thread, sample))
        let peer = Waker(
            kind: .thread, pid: 100, tid: UInt32(1000 + thread / 4), comm: "worker-\(thread / 4)")
        for (subject, waker) in [(Fixture.futex, peer), (Fixture.read, Waker(kind: .block))] {
            let wait = WaitSample(
                subject: subject, waker: waker, count: 30, total: sample.blocked / 3, longest: 40_000_000,
                lengths: sample.wakeGapLengths)
            batch.waits.append((thread, wait))
        }
        batch.waits.append(
            (thread, WaitSample(subject: Fixture.futex, waker: .pending, count: 0, total: sample.blocked / 3))
        )
        if number > 1 {
            let last = Waker(
                kind: .thread, pid: 101, tid: UInt32(1000 + number % 7), comm: "other-\(number % 7)")
            batch.resolutions.append(
                WaitResolution(thread: thread, tick: number - 1, waker: last, timedOut: false))
        }
    }
}
