import ArgumentParser
import Glibc
import Recording

/// The command `stallscope`; each subcommand is a file of its own.
@main
struct Stallscope: ParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "stallscope",
        abstract: "Says why a running Linux application is slow, without touching it.",
        discussion: """
            EXAMPLES:
              stallscope record --pid 1234 --duration 10s --output app.stall
              stallscope diagnose app.stall
              stallscope report app.stall --top 5
              stallscope query app.stall "SELECT * FROM losses"
            """,
        version: version,
        subcommands: [
            Record.self, Top.self, Report.self, Diagnose.self, Compare.self, Query.self, Export.self,
            Serve.self, Snapshot.self, Doctor.self,
        ])

    /// Runs the command line.  Every failure is one sentence on stderr and a non-zero exit.
    static func main() {
        do {
            var command = try parseAsRoot(SyscallList.completed(Array(CommandLine.arguments.dropFirst())))
            try command.run()
        } catch {
            let code = exitCode(for: error)
            // Help and --version come as errors too.
            if code == .success { exit(withError: error) }
            // The status of a command that was recorded says enough.
            if error is ExitCode { Glibc.exit(code.rawValue) }
            Terminal.printError(message(for: error))
            Glibc.exit(code.rawValue)
        }
    }
}
