import ArgumentParser
import Page
import Recording
import Render
import SystemPackage

/// `stallscope report FILE`
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows where the threads of a recording spent their time, and what they waited for.",
        discussion: """
            Times for --from and --to: a time of day (12:30, 12:30:45), a date and
            time (2026-05-04T12:30:45, with Z or +02:00 if not local), Unix seconds,
            or an offset from the start of the recording (+90s, +1m30s).

            EXAMPLES:
              stallscope report app.stall
              stallscope report app.stall --from +10s --to +20s --process nginx
              stallscope report app.stall --thread 4711 --top 5
              stallscope report app.stall --kind futex --resource '*mutex*' --min-share 5%
              stallscope report app.stall --json | jq '.waits[0]'
              stallscope report app.stall --raw
              stallscope report app.stall --edges
              stallscope report app.stall --stacks --top 3
              stallscope report app.stall --graph dot | dot -Tsvg > waits.svg
              stallscope report app.stall --html app.html
            """)

    @Argument(
        help: "A file made by `stallscope record`; it may still be growing.",
        completion: .file(extensions: ["stall"]))
    var file: String

    @Flag(help: "Print JSON: nanoseconds, and the fields that docs/recording.md describes.")
    var json = false

    @Flag(help: "Show who waits for whom, and at what: the wait-for graph between processes.")
    var edges = false

    @Flag(help: "Show where in the program threads waited and from where they were woken (record --stacks).")
    var stacks = false

    @Option(
        help: ArgumentHelp("The wait-for graph for another program: dot (Graphviz).", valueName: "format"))
    var graph: GraphFormat?

    @Option(help: ArgumentHelp("Write a page for a browser, which needs no other file.", valueName: "file"))
    var html: String?

    @Flag(
        inversion: .prefixedNo,
        help:
            "Hide arguments of programs and paths of people's files [default: in a page, which is to be shared]."
    )
    var redact: Bool?

    @OptionGroup(title: "Choosing a part of the recording")
    var options: FilterOptions

    @Option(help: "How many threads, waits or stacks to show (default 15, of stacks 10; with --json all).")
    var top: Int?

    @Flag(help: "Numbers for programs: durations in ns, sizes in bytes, shares of 1, and no name cut short.")
    var raw = false

    @OptionGroup var colors: ColorOptions

    func validate() throws {
        if raw, json { throw ValidationError("--json is raw already: leave out --raw.") }
        if [json, edges, graph != nil].filter({ $0 }).count > 1 {
            throw ValidationError("Give one of --json, --edges and --graph.")
        }
        if stacks, edges || graph != nil {
            throw ValidationError("Give one of --stacks, --edges and --graph.")
        }
        if stacks, options.minShare != nil {
            throw ValidationError("--min-share is of threads, and --stacks sums over them: leave one out.")
        }
        if html != nil, json || edges || stacks || graph != nil || raw || top != nil || !options.isEmpty {
            throw ValidationError("--html takes no other option: choose threads and times in the page.")
        }
        if let top, top < 1 { throw ValidationError("--top must be at least 1.") }
    }

    func run() throws {
        let recording = try Recording.open(file)
        try recording.redacted(redact ?? (html != nil), show)
    }

    private func show(_ recording: Recording) throws {
        if let html {
            return try ReportPage.write(recording, to: html, title: FilePath(file).lastComponent?.string)
        }
        let filter = try options.filter(start: recording.beginning())
        let output = try Patience.during("Reading \(file)") {
            try Units.$isRaw.withValue(raw) { try render(recording, filter) }
        }
        if json || graph != nil { Terminal.print(output) } else { Terminal.print(output, colors) }
    }

    private func render(_ recording: Recording, _ filter: Filter) throws -> String {
        if stacks {
            let totals = try recording.stackTotals(filter)
            return try json ? StackReport.json(totals, top: top) : StackReport.text(totals, top: top ?? 10)
        }
        let data = try ReportData.load(recording, filter)
        if json { return try ReportJSON.render(data, top: top) }
        if edges { return EdgeGraph.text(data, top: top ?? 30) }
        if graph != nil { return EdgeGraph.dot(data, top: top ?? 60) }
        return ReportText.render(data, top: top ?? 15)
    }
}

enum GraphFormat: String, ExpressibleByArgument, CaseIterable { case dot }
