import CommandRunning
import Foundation
import Model
import Recording
import Testing

/// `report` and `query` on recordings, and on files that are none.
@Suite struct ReadingTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        let second: UInt64 = 1_000_000_000
        let start = 1_700_000_000 * second
        let writer = try RecordingWriter.create(
            at: scratch.path(),
            header: RecordingHeader(
                host: "box", kernel: "6.1.0", bootID: "b00t", cpus: 2, started: start, interval: second,
                command: "stallscope record --pid 100", version: "0.1.0"))
        for number in 1...3 as ClosedRange<Int64> {
            let end = UInt64(number) * second
            var batch = TickBatch(
                tick: Tick(number: number, time: start + end, bootTime: end, duration: second))
            if number == 1 {
                batch.processes = [
                    ProcessVersion(
                        id: 1, process: 1, since: start, pid: 100, parentPID: 1, namespacePID: 100,
                        started: start, comm: "server\u{1b}[31m")
                ]
                batch.threads = [
                    ThreadVersion(
                        id: 1, thread: 1, process: 1, since: start, tid: 101, namespaceTID: 101,
                        started: start, comm: "worker")
                ]
            }
            var sample = ThreadSample()
            sample.alive = second
            sample.onCPU = second / 4
            sample.interruptible = second - sample.onCPU
            batch.samples = [(1, sample)]
            let wait = WaitSample(
                subject: WaitSubject(kind: .futex, syscall: 202),
                waker: Waker(kind: .thread, pid: 100, tid: 102, comm: "peer"), count: 3,
                total: sample.interruptible)
            batch.waits = [(1, wait)]
            try writer.append(batch)
        }
        try writer.finish()
    }

    @Test func reportIsReadAsTextAndAsJSON() throws {
        let text = try RunningCommand.run(["report", scratch.path()])
        #expect(text.status == 0)
        #expect(text.output.contains("worker"))
        #expect(!text.output.contains("\u{1b}"))
        let json = try RunningCommand.run(["report", "--json", scratch.path()])
        #expect(json.status == 0)
        #expect(!json.output.contains("\u{1b}"))
        let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(report?["thread_count"] as? Int == 1)
        let waits = try #require(report?["waits"] as? [[String: Any]])
        #expect(waits.first?["total_ns"] as? Int == 2_250_000_000)
        #expect(waits.first?["waker_comm"] as? String == "peer")
    }

    @Test func rawNumbersAreForPrograms() throws {
        let raw = try RunningCommand.run(["report", scratch.path(), "--raw"])
        #expect(raw.status == 0)
        #expect(raw.output.contains("2250000000  0.750000"))
        #expect(!raw.output.contains(" ms") && !raw.output.contains(" %"))
    }

    @Test(arguments: [
        ["report"], ["report", "--edges"], ["query", "SELECT * FROM targets"], ["top", "--batch", "1"],
    ])
    func coloursComeOnlyWhenTheyAreAskedFor(command: [String]) throws {
        let words = [command[0], scratch.path()] + command.dropFirst()
        #expect(try !RunningCommand.run(words).output.contains("\u{1b}"))
        #expect(try !RunningCommand.run(words + ["--color", "never"]).output.contains("\u{1b}"))
        #expect(try RunningCommand.run(words + ["--color", "always"]).output.contains("\u{1b}["))
        let json = command[0] == "report" ? words.filter { $0 != "--edges" } + ["--json"] : []
        if !json.isEmpty {
            #expect(try !RunningCommand.run(json + ["--color", "always"]).output.contains("\u{1b}"))
        }
    }

    @Test(arguments: [["--from", "noon"], ["--from", "+3s", "--to", "+1s"]])
    func reportNamesBadTimes(options: [String]) throws {
        let run = try RunningCommand.run(["report", scratch.path()] + options)
        #expect(run.status != 0)
        #expect(run.errors.contains("--from"))
        #expect(run.output.isEmpty)
    }

    @Test func queryPrintsTablesCSVAndJSON() throws {
        let sql = "SELECT comm, sum(on_cpu_ns) AS ns FROM thread_seconds GROUP BY comm"
        let table = try RunningCommand.run(["query", scratch.path(), sql])
        #expect(table.status == 0)
        #expect(table.output.split(separator: "\n").count == 2)
        let csv = try RunningCommand.run(["query", scratch.path(), sql, "--csv"])
        #expect(csv.output == "comm,ns\r\nworker,750000000\r\n")
        let json = try RunningCommand.run(["query", scratch.path(), sql, "--json"])
        let rows = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        #expect(rows?.first?["ns"] as? Int == 750_000_000)
    }

    @Test(arguments: [
        "DELETE FROM sample", "DROP VIEW waits", "CREATE TABLE x (y)", "PRAGMA user_version = 7",
        "UPDATE tick SET duration = 0", "ATTACH '/tmp/other.db' AS other", "SELECT 1; SELECT 2", "",
        "SELEC 1",
        "SELECT nothing FROM nowhere",
    ])
    func queryRefusesWhatIsNoQuestion(sql: String) throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: scratch.path()))
        let run = try RunningCommand.run(["query", scratch.path(), sql])
        #expect(run.status != 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("stallscope: error: "))
        #expect(run.errors.split(separator: "\n").count == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path())) == before)
    }

    @Test(arguments: ["report", "query"])
    func filesThatAreNoRecordingsAreNamed(command: String) throws {
        let sql = command == "query" ? ["SELECT * FROM thread_seconds"] : []
        let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.path()))
        let files: [(name: String, content: Data?, sentence: String)] = [
            ("missing.stall", nil, "there is no file"),
            ("empty.stall", Data(), "is not a Stallscope recording"),
            ("foreign.stall", Data(repeating: 65, count: 9000), "is not a Stallscope recording"),
            ("half.stall", whole.prefix(whole.count / 2), "is damaged"),
        ]
        for file in files {
            let path = scratch.path(file.name)
            if let content = file.content { try content.write(to: URL(fileURLWithPath: path)) }
            let run = try RunningCommand.run([command, path] + sql)
            #expect(run.status == 1, "\(file.name)")
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(path) && run.errors.contains(file.sentence), "\(run.errors)")
        }
        let directory = try RunningCommand.run([command, scratch.directory] + sql)
        #expect(directory.status == 1)
        #expect(directory.errors.contains("is not a Stallscope recording"))
    }
}
