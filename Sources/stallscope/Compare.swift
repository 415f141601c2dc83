import ArgumentParser
import Diagnosis

/// `stallscope compare A B`
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what made an application slower from one recording to another.",
        discussion: """
            Like `stallscope diagnose B --baseline A`: what each piece of work in B
            took more than in A, by cause.  Exits with 0 if B is worse for a cause
            that it names, with 3 if not.

            EXAMPLES:
              stallscope compare before.stall after.stall
              stallscope compare before.stall after.stall --json | jq '.causes[0]'
            """)

    @Argument(
        help: "The recording to compare with, when all was well.", completion: .file(extensions: ["stall"]))
    var before: String

    @Argument(help: "The recording to explain.", completion: .file(extensions: ["stall"]))
    var after: String

    @Flag(help: "Print JSON, as `diagnose --json` does.")
    var json = false

    @Option(help: "How many causes and threads to show (default 8).")
    var top: Int = 8

    @OptionGroup var colors: ColorOptions

    func validate() throws {
        if top < 1 { throw ValidationError("--top must be at least 1.") }
    }

    func run() throws {
        let baseline = Diagnoser(try DiagnosisRun(before).evidence)
        let run = try DiagnosisRun(after)
        let findings = Patience.during("Following waits to their causes") {
            Diagnoser(run.evidence).diagnose(against: baseline)
        }
        try run.show(findings, asJSON: json, top: top, colors)
    }
}
