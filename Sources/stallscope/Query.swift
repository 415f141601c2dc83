import ArgumentParser
import Recording
import Render

/// `stallscope query FILE SQL`
struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs an SQL query on a recording, which it never changes.",
        discussion: """
            The views are thread_seconds, waits, targets, losses, processes and
            threads; docs/recording.md describes them.  Durations are nanoseconds,
            times nanoseconds since the Unix epoch.  The aggregate
            histogram_sum(histogram) adds histograms.

            EXAMPLES:
              stallscope query app.stall "SELECT comm, sum(on_cpu_ns) / 1e9 AS cpu_s
                FROM thread_seconds GROUP BY thread ORDER BY cpu_s DESC LIMIT 10"
              stallscope query app.stall --csv "SELECT * FROM waits" > waits.csv
              stallscope query app.stall --json "SELECT * FROM targets" | jq
            """)

    @Argument(
        help: "A file made by `stallscope record`; it may still be growing.",
        completion: .file(extensions: ["stall"]))
    var file: String

    @Argument(help: "One SELECT statement.")
    var sql: String

    @Flag(help: "Print an array of objects.")
    var json = false

    @Flag(help: "Print comma-separated values (RFC 4180).")
    var csv = false

    @OptionGroup var colors: ColorOptions

    func validate() throws {
        if json, csv { throw ValidationError("Give --json or --csv, not both.") }
    }

    func run() throws {
        let recording = try Recording.open(file)
        if json {
            try printJSON(recording)
        } else if csv {
            try printCSV(recording)
        } else {
            let table = QueryOutput.table(try recording.query(sql))
            let isPainted = colors.areUsed(isTerminal: Terminal.outputIsTerminal)
            Terminal.print(isPainted ? TextColors.paintTable(table) : table)
        }
    }

    private func printCSV(_ recording: Recording) throws {
        let isTerminal = Terminal.outputIsTerminal
        var output = Terminal.Buffer()
        try recording.query(
            sql, columns: { output.print(QueryOutput.csvHeader($0)) },
            row: { output.print(QueryOutput.csv($0, forTerminal: isTerminal)) })
        output.flush()
    }

    private func printJSON(_ recording: Recording) throws {
        var output = Terminal.Buffer()
        var keys: [String] = []
        var separator = "[\n"
        try recording.query(
            sql, columns: { keys = QueryOutput.jsonKeys($0) },
            row: { row in
                output.print(separator + QueryOutput.json(row, keys: keys))
                separator = ",\n"
            })
        output.print(separator == "[\n" ? "[]\n" : "\n]\n")
        output.flush()
    }
}
