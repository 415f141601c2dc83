import CommandRunning
import ExampleRecording
import Foundation
import Testing

/// `export`, and the options that choose a part of a recording, as a user gives them.
@Suite struct ExportTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try ExampleRecording.write(to: scratch.path(), stacks: false)
    }

    private func export(_ words: [String]) throws -> RunningCommand.Result {
        try RunningCommand.run(["export", scratch.path()] + words)
    }

    @Test func standardOutputAndFilesHoldTheSame() throws {
        for format in ["csv", "ndjson", "folded", "speedscope", "dot"] {
            let printed = try export(["--format", format])
            #expect(printed.status == 0 && !printed.output.isEmpty, "\(format): \(printed.errors)")
            let path = scratch.path("out.\(format)")
            let written = try export(["--format", format, "-o", path])
            #expect(written.status == 0 && written.output.isEmpty)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == printed.output)
            let again = try export(["--format", format, "-o", path])
            #expect(again.status == 1)
            #expect(again.errors.contains("exists already"), "\(again.errors)")
        }
    }

    @Test(arguments: [
        (["--format", "parquet"], "--output"), (["--format", "csv", "--view", "all"], "--output"),
        (["--format", "dot", "--view", "waits"], "--view"),
        (["--format", "csv", "--state", "blocked"], "--state"),
        (["--format", "csv", "--top", "3"], "--top"), (["--format", "dot", "--top", "0"], "--top"),
        (["--format", "folded", "--kind", "futexes"], "--kind"),
        (["--format", "folded", "--min-share", "x"], "--min-share"),
        (["--format", "csv", "--view", "nothing"], "its views are"),
        (["--format", "csv", "--view", "losses", "--thread", "x"], "cannot be narrowed by thread"),
        (["--format", "perfetto", "--kind", "futex"], "cannot be narrowed by kind"),
        (["--format", "perfetto", "--from", "+1h"], "no tick in this stretch"),
        (["--format", "folded", "--stacks"], "record --stacks"),
        (["--format", "folded", "--kind", "futex", "--state", "on-cpu"], "blocked"),
    ])
    func whatDoesNotGoIsSaid(words: [String], sentence: String) throws {
        let run = try export(words)
        #expect(run.status != 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains(sentence), "\(run.errors)")
    }

    @Test func filesAreTheirOwnersAlone() throws {
        let path = scratch.path("rows.csv")
        #expect(try export(["--format", "csv", "-o", path]).status == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func reportTakesTheSameOptions() throws {
        let run = try RunningCommand.run([
            "report", scratch.path(), "--json", "--process", "server*", "--resource", "tcp*", "--kind",
            "epoll",
            "--waker", "client", "--min-share", "20%", "--to", "+3.5s",
        ])
        let report = try #require(
            JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
        let waits = try #require(report["waits"] as? [[String: Any]])
        #expect(waits.map { $0["total_ns"] as? Int } == [3 * 270_000_000])
        #expect((report["threads"] as? [[String: Any]])?.count == 3)
        let conservation = try #require(report["conservation"] as? [String: Any])
        #expect(conservation["waits_ns"] as? Int == conservation["blocked_ns"] as? Int)
    }

    @Test func diagnoseLooksAtAPart() throws {
        let whole = try RunningCommand.run(["diagnose", scratch.path(), "--json"])
        #expect([0, 3].contains(whole.status), "\(whole.errors)")
        let part = try RunningCommand.run([
            "diagnose", scratch.path(), "--json", "--from", "+1s", "--to", "+4s", "--process", "server*",
            "--thread", "pe*",
        ])
        #expect([0, 3].contains(part.status), "\(part.errors)")
        let found = try #require(JSONSerialization.jsonObject(with: Data(part.output.utf8)) as? [String: Any])
        let entries = try #require(found["entry_threads"] as? [[String: Any]])
        #expect(entries.map { $0["tid"] as? Int } == [102])
        let none = try RunningCommand.run(["diagnose", scratch.path(), "--process", "nobody"])
        #expect(none.errors.contains("--entry"))
        let both = try RunningCommand.run([
            "diagnose", scratch.path(), "--window", "+1s-+2s", "--from", "+1s",
        ])
        #expect(both.errors.contains("--window"))
    }
}
