import CommandRunning
import Foundation
import Model
import Recording
import Testing

/// `diagnose` and `compare` on recordings whose story is written down.
@Suite struct DiagnoseTests {
    private static let second: UInt64 = 1_000_000_000
    private static let start = 1_700_000_000 * second
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// A server takes a request each 10 ms and is on a CPU for 1 ms of it; it is preempted for another `held` ms.
    private func write(_ name: String, held: UInt64, losses: UInt64 = 0) throws -> String {
        let ms = Self.second / 1000
        let path = scratch.path(name)
        let writer = try RecordingWriter.create(
            at: path,
            header: RecordingHeader(
                host: "box", kernel: "6.1.0", bootID: "b00t", cpus: 2, started: Self.start,
                interval: Self.second,
                command: "stallscope record --pid 100", version: "0.1.0"))
        for number in 1...8 as ClosedRange<UInt64> {
            let begin = Self.start + (number - 1) * Self.second
            let end = begin + Self.second
            var batch = TickBatch(
                tick: Tick(
                    number: Int64(number), time: end, bootTime: end - Self.start, duration: Self.second))
            if number == 1 { addNames(to: &batch) }
            batch.slices = [IntervalSlice(from: begin, to: end)]
            for round in 0..<100 as Range<UInt64> {
                let from = begin + round * 10 * ms
                batch.intervals.append(
                    Interval(
                        thread: 1, left: from, woken: from + 4 * ms, ran: from + 4 * ms,
                        wait: WaitSubject(kind: .inet, direction: .read, resource: 1),
                        waker: Waker(kind: .network)))
                guard held > 0 else { continue }
                batch.intervals.append(
                    Interval(
                        thread: 1, left: from + 4 * ms + ms / 2, woken: from + 4 * ms + ms / 2,
                        ran: from + (4 + held) * ms + ms / 2,
                        occupant: Occupant(kind: .thread, pid: 77, tid: 77, comm: "burner", cgroup: "/other"))
                )
                // Until the end of the round it waits again.
                batch.intervals.append(
                    Interval(
                        thread: 1, left: from + (5 + held) * ms, woken: from + 10 * ms, ran: from + 10 * ms,
                        wait: WaitSubject(kind: .inet, direction: .read, resource: 1),
                        waker: Waker(kind: .network)))
            }
            if number == 2, losses > 0 {
                batch.losses = [
                    Loss(
                        time: end, what: Loss.spells, place: "interval ring buffer", count: losses, advice: ""
                    )
                ]
            }
            try writer.append(batch)
        }
        try writer.finish()
        return path
    }

    private func addNames(to batch: inout TickBatch) {
        batch.processes = [
            ProcessVersion(
                id: 1, process: 1, since: Self.start, pid: 100, parentPID: 1, namespacePID: 100,
                started: Self.start,
                comm: "server")
        ]
        batch.threads = [
            ThreadVersion(
                id: 1, thread: 1, process: 1, since: Self.start, tid: 100, namespaceTID: 100,
                started: Self.start,
                comm: "server")
        ]
        batch.targets = [
            TargetEvent(time: Self.start, pid: 100, process: 1, event: .added, reason: "asked for by --pid")
        ]
        var connection = Resource(
            id: 1, kind: .inet, identity: "1", name: "tcp 10.0.0.1:80 <- 10.0.0.2:999", since: Self.start,
            pid: 100)
        connection.direction = .inbound
        batch.resources = [connection]
    }

    private func json(_ arguments: [String], status: Int32) throws -> [String: Any] {
        let run = try RunningCommand.run(arguments + ["--json"])
        #expect(run.status == status, "\(run.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    }

    @Test func anotherRecordingIsTheBaseline() throws {
        let good = try write("good.stall", held: 0)
        let bad = try write("bad.stall", held: 3, losses: 5)
        for arguments in [["compare", good, bad], ["diagnose", bad, "--baseline", good]] {
            let answer = try json(arguments, status: 0)
            let verdict = try #require(answer["verdict"] as? [String: Any])
            #expect(verdict["class"] as? String == "cpu_contention")
            let causes = try #require(answer["causes"] as? [[String: Any]])
            let cause = causes[try #require(verdict["cause"] as? Int)]
            #expect((cause["culprit"] as? [String: Any])?["pid"] as? Int == 77)
            let coverage = try #require(answer["coverage"] as? [String: Any])
            #expect(coverage["lost"] as? Int == 5)
            #expect(coverage["seen_share"] as? Double == 1)
            #expect(answer["baseline"] != nil)
        }
        #expect(try RunningCommand.run(["compare", good, good]).status == 3)
    }

    @Test func textNamesTheCulpritFirst() throws {
        let run = try RunningCommand.run(
            ["compare", try write("good.stall", held: 0), try write("bad.stall", held: 3)])
        #expect(run.status == 0)
        #expect(run.output.hasPrefix("burner (pid 77) has the CPU that the service needs: "))
    }

    @Test func whatCannotBeReadIsSaid() throws {
        let good = try write("good.stall", held: 0)
        for (arguments, word) in [
            (["diagnose", good, "--baseline", "nothing.stall"], "path of a recording"),
            (["diagnose", good, "--window", "+5s-+2s"], "ends before it begins"),
            (["diagnose", good, "--entry", "nobody"], "nobody"),
            (["diagnose", good, "--kpi", "/nonexistent"], "cannot be read"),
            (["compare", good, "/nonexistent.stall"], "/nonexistent.stall"), (["diagnose"], "--pid"),
        ] {
            let run = try RunningCommand.run(arguments)
            #expect(run.status != 0 && run.status != 3)
            #expect(run.errors.contains(word), "\(run.errors)")
        }
    }

    @Test func aStretchIsLookedAt() throws {
        let bad = try write("bad.stall", held: 3)
        let answer = try json(["diagnose", bad, "--window", "+2s-+5s"], status: 0)
        // Two thirds of the service time, without any baseline.
        #expect((answer["verdict"] as? [String: Any])?["class"] as? String == "cpu_contention")
        #expect(answer["baseline"] == nil)
        let window = try #require(answer["window"] as? [String: Any])
        #expect(window["from_ns"] as? UInt64 == Self.start + 2 * Self.second)
        #expect(window["to_ns"] as? UInt64 == Self.start + 5 * Self.second)
    }
}
