import Foundation
import Model
import Testing

@testable import Recording
@testable import Render

@Suite struct ReportTests {
    static func data(threads: Int = 3, comm: String = "worker") -> ReportData {
        let second: UInt64 = 1_000_000_000
        let totals = (1...threads).map { number -> ThreadTotal in
            var sample = ThreadSample()
            sample.alive = 10 * second
            // The last thread never ran.
            sample.onCPU = number == threads ? 0 : 4 * second
            sample.interruptible = sample.alive - sample.onCPU
            sample.bursts = number == threads ? 0 : 100
            sample.burstTotal = sample.onCPU
            sample.burstLengths = Histogram(counts: number == threads ? [] : [0, 50, 50])
            sample.kernelOnCPU = sample.onCPU
            return ThreadTotal(
                process: 1, thread: Int64(number), pid: 100, tid: UInt32(100 + number), comm: comm,
                processComm: "server", cgroup: "/", container: "", sample: sample, ticks: 10,
                largestDeviation: 0)
        }
        let waits = totals.map { total in
            WaitTotal(
                process: 1, thread: total.thread, pid: 100, tid: total.tid, comm: comm, processComm: "server",
                kind: "futex", direction: nil, syscall: "futex", isUninterruptible: false, resourceID: 0,
                resource: nil, device: nil, memberID: 0, member: nil,
                wakerKind: total.sample.onCPU == 0 ? "pending" : "thread",
                wakerPID: 100, wakerTID: total.sample.onCPU == 0 ? nil : 104, wakerComm: comm,
                timedOut: false, count: 10, total: total.sample.blocked, longest: second,
                lengths: Histogram(counts: [10]))
        }
        let tick = Tick(number: 1, time: 1_700_000_001 * second, bootTime: second, duration: second)
        let last = Tick(number: 10, time: 1_700_000_010 * second, bootTime: 10 * second, duration: second)
        return ReportData(
            path: "/tmp/a.stall",
            header: RecordingHeader(
                host: "box", kernel: "6.1", bootID: "b", cpus: 2, started: 1_700_000_000 * second,
                interval: second, command: "stallscope record", version: "0.1.0"),
            isFinished: true, span: (tick, last), tickCount: 10, threads: totals, waits: waits,
            conservation: Conservation(threads: totals, waits: waits),
            targets: [
                TargetRow(
                    time: 1_700_000_000 * second, pid: 100, process: 1, comm: comm, event: "added",
                    isRoot: true, reason: "asked for by --pid")
            ], losses: [])
    }

    @Test func aReportHasAllItsParts() {
        let text = ReportText.render(Self.data())
        for part in [
            "box, Linux 6.1, 2 CPUs", "10.0 s in 10 ticks", "████████············", "40.0 %",
            "on CPU 8.00 s", "largest difference in a thread-tick: none", "worker/104", "asked for by --pid",
            "256 ns ▕██▏ 1.02 µs", "Losses: nothing was lost",
            "1 thread never ran; they stayed in: futex 1",
        ] { #expect(text.contains(part), "\(part) is missing in\n\(text)") }
    }

    @Test func whoUsedBlockDevicesIsShown() throws {
        var data = Self.data()
        data.block = [
            BlockTotal(
                device: "vda", operation: "write", pid: 7, comm: "hog", cgroup: "/hogs", requests: 4,
                bytes: 3 << 20, merges: 1, flushes: 0, errors: 0, queueTotal: 4000, deviceTotal: 8_000_000,
                longest: 3_000_000, queueLengths: Histogram(counts: [4]),
                deviceLengths: Histogram(counts: [0, 4]), inFlight: 2)
        ]
        let text = ReportText.render(data)
        for part in ["hog/7 *", "/hogs", "3.00 MiB", "1.00 µs", "2.00 ms", "3.00 ms", "256 ns ▕█▏ 512 ns"] {
            #expect(text.contains(part), "\(part) is missing in\n\(text)")
        }
        let object = try JSONSerialization.jsonObject(with: Data(try ReportJSON.render(data).utf8))
        let block = try #require((object as? [String: Any])?["block_io"] as? [[String: Any]])
        #expect(block.first?["device_ns"] as? Int == 8_000_000 && block.first?["in_flight"] as? Int == 2)
    }

    @Test func theKernelsOwnDelaysAreShown() throws {
        func total(_ thread: Int64, _ delays: TaskDelays?) -> TaskstatsTotal {
            TaskstatsTotal(
                process: 1, thread: thread, pid: 100, tid: UInt32(100 + thread), comm: "late",
                processComm: "server", exits: 1, counters: TaskCounters(runVirtual: 5, delays: delays))
        }
        var data = Self.data()
        #expect(!ReportText.render(data).contains("taskstats"))
        data.taskstats = [
            total(1, TaskDelays(reclaim: TaskDelay(count: 3, total: 2_000_000))), total(2, nil),
        ]
        let text = ReportText.render(data)
        for part in ["RECLAIM", "2.00 ms in 3", "ended: 2 threads", "1 of 2 threads began before"] {
            #expect(text.contains(part), "\(part) is missing in\n\(text)")
        }
        #expect(!text.contains("SWAP-IN"))
        let object = try JSONSerialization.jsonObject(with: Data(try ReportJSON.render(data).utf8))
        let parts = try #require((object as? [String: Any])?["taskstats"] as? [[String: Any]])
        #expect(parts.first?["reclaim_ns"] as? Int == 2_000_000 && parts.last?["reclaim_ns"] == nil)
        data.taskstats = [total(2, nil)]
        #expect(ReportText.render(data).contains("--enable-delayacct"))
    }

    @Test func onlyTheTopIsShown() {
        let text = ReportText.render(Self.data(threads: 40), top: 5)
        #expect(text.contains("… and 35 more threads; --top 40 shows all"))
    }

    @Test func lossesAreSaid() {
        var data = Self.data()
        data.losses = [Loss(time: 1, what: "waits", place: "map", count: 7, advice: "Use a larger map.")]
        let text = ReportText.render(data)
        #expect(text.contains("7 waits (map): Use a larger map.") && !text.contains("nothing was lost"))
    }

    @Test func anEmptyStretchIsSaid() {
        var data = Self.data()
        (data.threads, data.waits, data.span) = ([], [], nil)
        #expect(ReportText.render(data).contains("No thread was recorded in this stretch"))
    }

    @Test func hostileNamesStayHarmless() throws {
        let data = Self.data(comm: TextTests.hostile)
        for text in [ReportText.render(data), try ReportJSON.render(data)] {
            #expect(
                text.unicodeScalars.allSatisfy { $0 == "\n" || TerminalText.safe(String($0)) == String($0) })
        }
    }

    @Test func filesInThePageCacheAreShown() throws {
        var data = Self.data()
        #expect(!ReportText.render(data).contains("Page cache"))
        var total = PageCacheTotal(
            pid: 100, comm: "server", resourceID: 3, file: "/srv/data", lookups: 200, misses: 50, readIn: 80,
            dirtied: 0, written: 0, evicted: 7, cachedPages: 3, size: 9000)
        var others = total
        // As on a kernel that does not tell look-ups.
        (others.pid, others.comm, others.lookups, others.misses) = (nil, nil, nil, nil)
        data.pageCache = [total, others]
        let lines = ReportText.render(data).split(separator: "\n")
        let own = try #require(lines.first { $0.contains("server/100") && $0.contains("/srv/data") })
        for text in ["200", "75.0 %", "50", "30", "7"] { #expect(own.contains(text), "\(text) in \(own)") }
        #expect(lines.contains { $0.contains("others") && $0.contains("80 in all") })

        total.readIn = 50
        data.pageCache = [total]
        let json = try ReportJSON.render(data)
        #expect(json.contains("\"hits\" : 150") && json.contains("\"read_ahead\" : 0"))
    }

    @Test func jsonHasItsDocumentedShape() throws {
        let json = try ReportJSON.render(Self.data(threads: 3), top: 2)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "recording", "conservation", "thread_count", "threads", "wait_count", "waits", "targets",
                "losses", "run_queue_occupants", "block_io", "pressure", "pmu", "system_calls", "transfers",
                "taskstats", "page_cache", "host", "io_uring", "aio",
            ])
        let threads = try #require(object["threads"] as? [[String: Any]])
        #expect(threads.count == 2 && object["thread_count"] as? Int == 3)
        #expect(threads[0]["on_cpu_ns"] as? Int == 4_000_000_000)
        #expect(threads[0]["burst_histogram"] as? [Int] == [0, 50, 50])
        let recording = try #require(object["recording"] as? [String: Any])
        #expect(recording["boot_id"] as? String == "b" && recording["finished"] as? Bool == true)
    }
}
