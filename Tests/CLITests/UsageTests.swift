import CommandRunning
import Foundation
import Testing

/// What every user meets first: help, versions, and wrong arguments.
@Suite struct UsageTests {
    @Test func versionIsANumber() throws {
        let run = try RunningCommand.run(["--version"])
        #expect(run.status == 0)
        #expect(run.output.split(separator: ".").count == 3)
        #expect(run.errors.isEmpty)
    }

    @Test(arguments: ["record", "top", "report", "diagnose", "compare", "query", "doctor"])
    func everyCommandExplainsItselfWithExamples(command: String) throws {
        let overview = try RunningCommand.run(["--help"])
        #expect(overview.status == 0)
        #expect(overview.output.contains("  " + command))
        let run = try RunningCommand.run([command, "--help"])
        #expect(run.status == 0)
        #expect(run.output.contains("EXAMPLES"))
        #expect(run.output.contains("stallscope " + command))
        #expect(run.errors.isEmpty)
    }

    /// Arguments, and what the sentence about them names.
    @Test(arguments: [
        (["nonsense"], "nonsense"),
        (["record"], "--pid"),
        (["record", "--pid", "1", "--", "true"], "not both"),
        (["record", "--pid", "x"], "x"),
        (["record", "--all", "--interval", "50ms"], "100ms to 60s"),
        (["record", "--all", "--interval", "1h"], "100ms to 60s"),
        (["record", "--all", "--interval", "soon"], "soon"),
        (["record", "--all", "--interval=-1s"], "-1s"),
        (["record", "--all", "--duration", "0"], "--duration"),
        (["record", "--all", "--duration", "10 parsecs"], "10 parsecs"),
        (["record", "--all", "--event-buffer", "5000"], "power of two"),
        (["record", "--all", "--event-buffer", "0"], "power of two"),
        (["record", "--all", "--wait-entries", "0"], "--wait-entries"),
        (["record", "--all", "--log-level", "loud"], "loud"),
        (["record", "--endpoint", "localhost"], "localhost"),
        (["record", "--endpoint", "10.0.0.1:0"], "10.0.0.1:0"),
        (["record", "--endpoint", "10.0.0.1:80", "--", "true"], "not both"),
        (["record"] + (1...17).flatMap { ["--endpoint", "10.0.0.1:\($0)"] }, "16 endpoints"),
        (["record", "--all", "--syscalls=raed"], "no system call raed. Did you mean read"),
        (["record", "--all", "--syscalls=,"], "--syscalls"),
        (["report"], "file"),
        (["report", "a.stall", "--top", "0"], "--top"),
        (["report", "a.stall", "--raw", "--json"], "--raw"),
        (["report", "a.stall", "--color", "blue"], "blue"),
        (["top"], "--pid"),
        (["top", "a.stall", "--all"], "not both"),
        (["top", "a.stall", "--output", "b.stall"], "--output"),
        (["top", "a.stall", "--batch", "0"], "--batch"),
        (["top", "--all", "--interval", "50ms"], "100ms to 60s"),
        (["query", "a.stall"], "sql"),
        (["query", "a.stall", "SELECT 1", "--json", "--csv"], "not both"),
        (["doctor", "--quickly"], "--quickly"),
    ])
    func wrongArgumentsAreNamed(arguments: [String], sentence: String) throws {
        let run = try RunningCommand.run(arguments)
        #expect(run.status == 64)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("stallscope: error: "))
        #expect(run.errors.contains(sentence), "\(run.errors)")
    }
}
