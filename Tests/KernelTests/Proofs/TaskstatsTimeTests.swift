import CommandRunning
import Foundation
import Model
import Recording
import Testing

extension Proofs {
    /// The kernel's own account of threads beside ours, and in its place.
    @Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct TaskstatsTimeTests {
        private let scratch: Scratch
        init() throws { scratch = try Scratch() }

        private static let sysctl = "/proc/sys/kernel/task_delayacct"

        /// What setpriv(1) takes away, so that no BPF program can be loaded.
        private static let withoutBPF = [
            "setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin", "--inh-caps=-all", "--",
        ]

        private func record(_ options: [String], _ command: [String], launcher: [String] = []) throws
            -> [Truth]
        {
            let run = try RunningCommand.run(
                ["record", "--output", scratch.path()] + options + ["--"] + command, launcher: launcher)
            #expect(run.status == 0, "\(run.errors)")
            return try Truth.lines(Data(run.output.utf8))
        }

        /// The first row of a query's answer, which has only numbers.
        private func numbers(_ sql: String) throws -> [UInt64] {
            let row = try #require(try Recording.open(scratch.path()).query(sql).rows.first)
            return try row.map { value in
                guard case .integer(let number) = value else {
                    Issue.record("no number: \(row)")
                    return 0
                }
                return try #require(UInt64(exactly: number))
            }
        }

        @Test func everyShortLivedThreadHasItsRecord() throws {
            let program = try TestProgram("short_threads").path
            let stolen = try stolenTime()
            let truths = try record(["--taskstats"], [program, "120", "40000", "2"])
            let late = try stolenTime() - stolen
            let started = try #require(truths.first { $0.event == "threads" }?.threads)
            let row = try numbers(
                """
                SELECT sum(is_exit), count(DISTINCT thread), sum(run_virtual_ns), sum(cpu_ns), count(blkio_ns),
                    count(CASE WHEN is_exit AND exit_status = 0 AND exit_signal = 0 THEN 1 END),
                    sum(voluntary_switches)
                FROM taskstats WHERE comm = 'short_threads'
                """)
            #expect(row[0] == started + 1 && row[1] == started + 1 && row[5] == started + 1)
            let ours = try numbers(
                """
                SELECT sum(on_cpu_ns), sum(run_queue_ns), sum(voluntary_switches)
                FROM thread_seconds WHERE comm = 'short_threads'
                """)
            // The record lacks what each ran since its last timer interrupt: with CONFIG_HZ=100, 10 ms at most.
            let (theirs, onCPU) = (row[2], ours[0])
            #expect(
                theirs <= onCPU + onCPU / 100 && theirs + onCPU / 100 + row[0] * 10_000_000 + late >= onCPU,
                "\(row), \(ours)")
            #expect(isClose(row[3], ours[1], within: 0.03, slack: 10_000_000 + late), "\(row), \(ours)")
            // The record is made before the thread's very last switch.
            #expect(row[6] <= ours[2])
            let delayAccounting = try String(contentsOfFile: Self.sysctl, encoding: .utf8)
            if delayAccounting.hasPrefix("0") {
                #expect(row[4] == 0, "delays that nobody accounted for are NULL")
            }
            #expect(try Recording.open(scratch.path()).losses().isEmpty)
        }

        /// Of threads that run for long, what a record lacks is little.
        @Test func itsTimesAreOurs() throws {
            let program = try TestProgram("short_threads").path
            let stolen = try stolenTime()
            _ = try record(["--taskstats"], [program, "4", "1500000", "2"])
            // Timer interrupts that come late, because the hypervisor had taken the CPU, make the record lack more.
            let late = try stolenTime() - stolen
            let theirs = try numbers(
                "SELECT sum(run_real_ns), sum(run_virtual_ns) FROM taskstats WHERE tid != pid AND comm = 'short_threads'"
            )
            let ours = try numbers(
                "SELECT sum(on_cpu_ns) FROM thread_seconds WHERE tid != pid AND comm = 'short_threads'")
            #expect(
                theirs[1] <= ours[0] + ours[0] / 50
                    && theirs[1] + ours[0] / 50 + 4 * 10_000_000 + late >= ours[0],
                "\(theirs), \(ours), stolen \(late)")
            #expect(theirs[0] > 0)
        }

        @Test func blockDelaysAreOurWaitsForIO() throws {
            let before = try String(contentsOfFile: Self.sysctl, encoding: .utf8)
            let program = try TestProgram("file_waits").path
            // In real time: of others that block, and have had more than their share of a busy CPU, the kernel counts no delay
            // while it leaves them on the run queue all the same (`sched_delayed`, since Linux 6.12).
            let truths = try record(
                ["--taskstats", "--enable-delayacct"],
                ["chrt", "--fifo", "1", program, scratch.path("data"), "400", "65536", "direct"])
            let reader = try #require(truths.first { $0.role == "reader" && $0.event == "thread" })
            let tid = try #require(reader.tid)
            let delays = try numbers(
                """
                SELECT coalesce(sum(blkio_ns), 0), count(*) - count(blkio_ns), coalesce(sum(blkio_count), 0)
                FROM taskstats WHERE tid = \(tid)
                """)
            // The record of the end is made before the thread waits for its last writes.
            let ours = try numbers(
                "SELECT sum(total_ns), sum(count) FROM waits WHERE tid = \(tid) AND io = 1 AND kind != 'exit'"
            )
            let losses = try Recording.open(scratch.path()).losses().map(\.what)
            if delays[1] == 0 {
                // The kernel's delay begins when the thread gives up its CPU, ours when the next has been chosen for it,
                // for which the kernel may look at other CPUs.
                #expect(
                    isClose(delays[0], ours[0], within: 0.05, slack: ours[1] * 50_000), "\(delays), \(ours)")
                #expect(isClose(delays[2], ours[1], within: 0.03, slack: 5), "\(delays), \(ours)")
            } else {
                // Where the kernel told what cannot be, the recording says that it does not know.
                #expect(losses.contains("delays of threads"))
            }
            // The program's own clock, around its calls.  How many of them wait is the device's: a fast one may be done
            // before the thread has given up its CPU.
            let reads = try numbers(
                "SELECT coalesce(sum(total_ns), 0), coalesce(sum(count), 0) FROM waits WHERE tid = \(tid) AND kind = 'file_read'"
            )
            #expect(reads[0] <= reader.wait_ns ?? 0, "\(reads), \(reader)")
            #expect(reads[1] <= 400)
            #expect(try String(contentsOfFile: Self.sysctl, encoding: .utf8) == before)
        }

        @Test func withoutProgramsThereAreTotals() throws {
            let program = try TestProgram("short_threads").path
            let stolen = try stolenTime()
            let truths = try record(
                ["--taskstats"], [program, "120", "40000", "2"], launcher: Self.withoutBPF)
            let late = try stolenTime() - stolen
            let started = try #require(truths.first { $0.event == "threads" }?.threads)
            let alive = try #require(truths.first { $0.event == "threads" }?.alive_ns)
            let row = try numbers(
                """
                SELECT count(DISTINCT thread), sum(on_cpu_ns), sum(run_queue_ns), sum(alive_ns), sum(bursts)
                FROM thread_seconds WHERE tid != pid
                """)
            #expect(row[0] == started && row[4] == 0)
            // They were busy all their lives, but what each ran since its last timer interrupt is not told.
            let busy = row[1] + row[2]
            #expect(
                busy <= alive + alive / 20 + 20_000_000
                    && busy + alive / 20 + started * 10_000_000 + late >= alive,
                "\(row), \(alive)")
            let recording = try Recording.open(scratch.path())
            #expect(try recording.conservation().largestDeviation <= 0.001)
            let advice = try #require(try recording.losses().first?.advice)
            for part in ["CAP_BPF", "stolen_ns", "waits and edges", "block_io"] {
                #expect(advice.contains(part))
            }
            #expect(
                try RunningCommand.run(["report", scratch.path()]).output.contains(
                    "BPF programs cannot be used"))
        }

        @Test func withoutTaskstatsNothingIsRecorded() throws {
            let run = try RunningCommand.run(
                ["record", "--output", scratch.path(), "--", "true"], launcher: Self.withoutBPF)
            #expect(run.status == 1 && run.errors.contains("--taskstats") && run.errors.contains("CAP_BPF"))
            #expect(!FileManager.default.fileExists(atPath: scratch.path()))
        }
    }
}
