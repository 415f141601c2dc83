import CommandRunning
import Foundation
import Model
import Recording
import Testing

/// The kernel's own account of threads, in place of ours or beside it: whose there is, and what it needs.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct TaskstatsTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private static let sysctl = "/proc/sys/kernel/task_delayacct"

    /// What setpriv(1) takes away, so that no BPF program can be loaded.
    private static let withoutBPF = [
        "setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin", "--inh-caps=-all", "--",
    ]

    private func record(_ options: [String], _ command: [String], launcher: [String] = []) throws -> [Truth] {
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

    @Test func everyProcessOfAStormHasItsRecord() throws {
        let program = try TestProgram("fork_storm").path
        let truths = try record(["--taskstats"], [program, "300", "1000", "4", "1"])
        let children = try #require(truths.first { $0.event == "children" })
        let row = try numbers(
            "SELECT sum(is_exit), count(DISTINCT pid) FROM taskstats WHERE comm = 'fork_storm'")
        #expect(row[0] == (children.threads ?? 0) + 1 && row[1] == (children.processes ?? 0) + 1)
    }

    /// Also when it is told to stop at once, or hung up on.
    @Test(arguments: [SIGTERM, SIGHUP])
    func delayAccountingIsAsItWas(signal: Int32) throws {
        let before = try String(contentsOfFile: Self.sysctl, encoding: .utf8)
        try #require(before.hasPrefix("0"), "these tests need it off")
        // What was started goes on where the recorder is hung up on: this does so only for a moment, and not at all if the
        // recorder is gone before it begins.
        let whileRecorded = "grep -q stallscope /proc/$PPID/comm && exec tail --pid=$PPID -s 0.1 -f /dev/null"
        let command = ["sh", "-c", whileRecorded]
        let run = try RunningCommand(
            ["record", "--taskstats", "--enable-delayacct", "--output", scratch.path(), "--"] + command)
        defer { run.end() }
        #expect(try waits { try String(contentsOfFile: Self.sysctl, encoding: .utf8).hasPrefix("1") })
        run.send(signal)
        _ = try run.wait()
        #expect(try String(contentsOfFile: Self.sysctl, encoding: .utf8) == before)
    }

    /// Processes that live only between two looks are told by their ends, each once.
    @Test func aStormWithoutPrograms() throws {
        let program = try TestProgram("fork_storm").path
        let truths = try record(
            ["--taskstats"], [program, "200", "5000", "2", "1"], launcher: Self.withoutBPF)
        let children = try #require(truths.first { $0.event == "children" })
        #expect(
            try numbers("SELECT count(DISTINCT thread), count(DISTINCT process) FROM thread_seconds")
                == [(children.threads ?? 0) + 1, (children.processes ?? 0) + 1])
    }

    @Test func withoutTheRightToAskNothingIsRecorded() throws {
        let none = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-all", "--"]
        let run = try RunningCommand.run(
            ["record", "--taskstats", "--output", scratch.path(), "--", "true"], launcher: none)
        #expect(run.status == 1 && run.errors.contains("CAP_NET_ADMIN"), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch.path()))
    }
}
