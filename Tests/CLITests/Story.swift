import Foundation
import Model
import Recording

/// A recording that is written tick by tick: a server takes a request each 10 ms and needs 1 ms for it; from tick 21 on
/// another program keeps it from its CPU for 4 ms more.  Its names are such as a hostile program would choose.
final class Story {
    static let second: UInt64 = 1_000_000_000
    static let ms = second / 1_000
    static let hostile = "</script><script>document.title='owned'</script>"
    static let burner = "<img src=x onerror=alert(1)>"
    /// From this tick on the server is held up.
    static let change: UInt64 = 21

    let start: UInt64
    private let writer: RecordingWriter
    private let threads: UInt32
    private(set) var ticks: UInt64 = 0

    /// - Parameters:
    ///   - start: ns since the Unix epoch.
    ///   - threads: how many idle threads there are beside the server's.
    init(at path: String, start: UInt64 = 1_700_000_000 * second, threads: UInt32 = 30) throws {
        self.start = start
        self.threads = threads
        writer = try RecordingWriter.create(
            at: path,
            header: RecordingHeader(
                host: "box", kernel: "6.1.0", bootID: "b00t", cpus: 2, started: start,
                interval: Self.second, command: "stallscope record --pid 100", version: "0.1.0"))
    }

    func finish() throws { try writer.finish() }

    func append(_ count: Int = 1) throws {
        for _ in 0..<count {
            ticks += 1
            try writer.append(batch())
        }
    }

    private func batch() -> TickBatch {
        let begin = start + (ticks - 1) * Self.second
        var batch = TickBatch(
            tick: Tick(
                number: Int64(ticks), time: begin + Self.second, bootTime: ticks * Self.second,
                duration: Self.second))
        if ticks == 1 { addNames(to: &batch) }
        batch.slices = [IntervalSlice(from: begin, to: begin + Self.second)]
        let held = ticks >= Self.change ? 4 * Self.ms : 0
        for round in 0..<100 as Range<UInt64> { addRound(begin + round * 10 * Self.ms, held, to: &batch) }
        addSums(held * 100, to: &batch)
        return batch
    }

    private static let wait = WaitSubject(kind: .inet, direction: .read, resource: 1)
    private static let occupant = Occupant(kind: .thread, pid: 77, tid: 77, comm: burner, cgroup: "/other")

    private func addRound(_ from: UInt64, _ held: UInt64, to batch: inout TickBatch) {
        let ms = Self.ms
        batch.intervals.append(
            Interval(
                thread: 1, left: from, woken: from + 4 * ms, ran: from + 4 * ms, wait: Self.wait,
                waker: Waker(kind: .network)))
        guard held > 0 else {
            batch.intervals.append(
                Interval(
                    thread: 1, left: from + 5 * ms, woken: from + 10 * ms, ran: from + 10 * ms,
                    wait: Self.wait, waker: Waker(kind: .network)))
            return
        }
        let half = from + 4 * ms + ms / 2
        batch.intervals.append(
            Interval(thread: 1, left: half, woken: half, ran: half + held, occupant: Self.occupant))
        batch.intervals.append(
            Interval(
                thread: 1, left: half + held + ms / 2, woken: from + 10 * ms, ran: from + 10 * ms,
                wait: Self.wait, waker: Waker(kind: .network)))
    }

    private func addSums(_ held: UInt64, to batch: inout TickBatch) {
        var sample = ThreadSample()
        sample.alive = Self.second
        sample.onCPU = 100 * Self.ms
        sample.runQueue = held
        sample.interruptible = Self.second - sample.onCPU - held
        batch.samples = [(1, sample)]
        batch.waits = [
            (
                1,
                WaitSample(
                    subject: Self.wait, waker: Waker(kind: .network), count: 200, total: sample.interruptible,
                    longest: 5 * Self.ms,
                    lengths: Histogram(counts: Array(repeating: 0, count: 14) + [120, 80]))
            )
        ]
        if held > 0 {
            batch.occupants = [(1, OccupantSample(occupant: Self.occupant, count: 100, total: held))]
        }
        for thread in 2..<(2 + Int64(threads)) {
            var idle = ThreadSample()
            (idle.alive, idle.onCPU, idle.interruptible) = (Self.second, Self.ms, Self.second - Self.ms)
            batch.samples.append((thread, idle))
            batch.waits.append(
                (
                    thread,
                    WaitSample(
                        subject: WaitSubject(kind: .futex, syscall: 202, resource: 2),
                        waker: Waker(kind: .thread, pid: 100, tid: 100, comm: Self.hostile), count: 10,
                        total: Self.second - Self.ms)
                ))
        }
    }

    private func addNames(to batch: inout TickBatch) {
        batch.processes = [
            ProcessVersion(
                id: 1, process: 1, since: start, pid: 100, parentPID: 1, namespacePID: 100, started: start,
                comm: Self.hostile)
        ]
        batch.threads = (1..<(2 + Int64(threads))).map { id in
            ThreadVersion(
                id: id, thread: id, process: 1, since: start, tid: UInt32(99 + id),
                namespaceTID: UInt32(99 + id),
                started: start, comm: id == 1 ? Self.hostile : "worker-\(id)")
        }
        batch.targets = [
            TargetEvent(time: start, pid: 100, process: 1, event: .added, reason: "asked for by --pid")
        ]
        var connection = Resource(
            id: 1, kind: .inet, identity: "1", name: "tcp 10.0.0.1:80 <- 10.0.0.2:999", since: start, pid: 100
        )
        connection.direction = .inbound
        let lock = Resource(
            id: 2, kind: .futex, identity: "2", name: "futex \(Self.hostile)", since: start, pid: 100)
        batch.resources = [connection, lock]
    }
}
