import ArgumentParser
import Foundation
import Recording
import Render

/// `stallscope snapshot FILE`
struct Snapshot: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Saves what a recording holds now into a file of its own, also while it goes on.",
        discussion: """
            For a recording that runs for ever with --retain or --max-size: what led
            up to a bad moment stays when the recording lets go of it.

            EXAMPLES:
              stallscope record --all --retain 1h --output /var/lib/stallscope.stall
              stallscope snapshot /var/lib/stallscope.stall --last 10m
              stallscope snapshot app.stall --redact --output for-the-vendor.stall
            """)

    @Argument(help: "A file made by `stallscope record`; it may still be growing.")
    var file: String

    @Option(help: "Only the last stretch, as in 30s or 10m.")
    var last: DurationArgument?

    @Option(
        name: .shortAndLong,
        help:
            "The new file, which must not exist. Without it, stallscope-<host>-<time>.stall in this directory."
    )
    var output: String?

    @Flag(help: "Hide arguments of programs and paths of people's files in it.")
    var redact = false

    func validate() throws {
        if last?.nanoseconds == 0 { throw ValidationError("--last must be more than 0.") }
    }

    func run() throws {
        let recording = try Recording.open(file)
        let path = output ?? RecordingName.fresh(host: recording.header.host)
        guard let range = try recording.snapshot(to: path, last: last?.nanoseconds, redacting: redact)
        else {
            return Terminal.print("\(path): nothing has been recorded yet.\n")
        }
        let length = Units.duration(range.upperBound - range.lowerBound + recording.header.interval)
        Terminal.print(
            "\(path): \(length) of \(recording.header.host). `stallscope report \(path)` shows it.\n")
    }
}
