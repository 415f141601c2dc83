import ArgumentParser
import Export
import Recording
import Render

/// `stallscope export FILE --format F`
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Hands a recording, or a part of it, to other programs.",
        discussion: """
            csv, ndjson   rows of a view: one to standard output or a file, several
                          or all (--view all) to a directory
            parquet       views in Hive partitions by host, date and hour, which
                          the program `duckdb` writes; more recordings may follow
            folded        stacks for flame graphs (flamegraph.pl, inferno)
            speedscope    the same for https://www.speedscope.app
            pprof         the same for `go tool pprof` and others, compressed
            dot           who waits for whom, for Graphviz
            perfetto      a timeline with wakeups for https://ui.perfetto.dev

            docs/exports.md says what each holds.  Nothing is ever overwritten.
            Times are as for `stallscope report --from`.

            EXAMPLES:
              stallscope export app.stall --format csv --view waits > waits.csv
              stallscope export app.stall --format ndjson --view all -o rows
              stallscope export app.stall --format parquet -o lake
              stallscope export app.stall --format folded | flamegraph.pl --countname ns > waits.svg
              stallscope export app.stall --format speedscope -o app.speedscope.json --state blocked
              stallscope export app.stall --format perfetto --from +2s --to +4s -o app.perfetto-trace
            """)

    @Argument(help: "A file made by `stallscope record`; it may still be growing.")
    var file: String

    @Option(name: .shortAndLong, help: "What to make of it.")
    var format: ExportFormat

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("A new file, or a directory [default: standard output].", valueName: "path"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "csv, ndjson, parquet: a view of docs/recording.md, or all (repeatable) [default: thread_seconds; parquet: all].",
            valueName: "name"))
    var view: [String] = []

    @Option(help: "folded, speedscope, pprof: only this time of threads (repeatable).")
    var state: [FlameState] = []

    @Flag(
        inversion: .prefixedNo,
        help:
            "folded, speedscope, pprof: functions instead of threads and resources [default: where recorded]."
    )
    var stacks: Bool?

    @Option(help: "dot: how many edges to show, the longest total first (default 60).")
    var top: Int?

    @Flag(help: "Hide arguments of programs and paths of people's files.")
    var redact = false

    @OptionGroup(title: "Choosing a part of the recording")
    var options: FilterOptions

    func validate() throws {
        if !view.isEmpty, !format.hasRows { throw misplaced("--view", "csv, ndjson and parquet") }
        if !state.isEmpty, !format.isFlames { throw misplaced("--state", "folded, speedscope and pprof") }
        if stacks != nil, !format.isFlames { throw misplaced("--stacks", "folded, speedscope and pprof") }
        if top != nil, format != .dot { throw misplaced("--top", "dot") }
        if let top, top < 1 { throw ValidationError("--top must be at least 1.") }
        if stacks == true, options.minShare != nil {
            throw ValidationError("--min-share is of threads, and --stacks sums over them: leave one out.")
        }
        if format == .parquet, output == nil {
            throw ValidationError("--format parquet makes a directory: give its path with --output.")
        }
        if isSeveralViews, output == nil {
            throw ValidationError("Several views make a directory of files: give its path with --output.")
        }
        if format.isBinary, output == nil, Terminal.outputIsTerminal {
            throw ValidationError(
                "--format \(format.rawValue) is not for a terminal: give a file with --output.")
        }
    }

    private var isSeveralViews: Bool { view.count > 1 || view.contains("all") }

    private func misplaced(_ option: String, _ formats: String) -> ValidationError {
        ValidationError("\(option) goes with --format \(formats).")
    }

    func run() throws {
        try Recording.open(file).redacted(redact, write)
    }

    private func write(_ recording: Recording) throws {
        let filter = try options.filter(start: recording.beginning())
        switch format {
        case .csv: try writeRows(recording, filter, .csv)
        case .ndjson: try writeRows(recording, filter, .ndjson)
        case .parquet: try writeParquet(recording, filter)
        case .folded, .speedscope, .pprof: try writeFlames(recording, filter)
        case .dot: try writeDot(recording, filter)
        case .perfetto:
            var timeline = try TimelineExport(recording, filter)
            try toFile { try timeline.writePerfetto(to: $0) }
        }
    }

    private func toFile(_ write: (ExportFile) throws -> Void) throws {
        let file = try ExportFile(at: output)
        try write(file)
        try file.finish()
    }

    private func writeRows(_ recording: Recording, _ filter: Filter, _ format: RowFormat) throws {
        guard let output, isSeveralViews else {
            let rows = try RowExport(recording, filter, views: view.isEmpty ? ["thread_seconds"] : view)
            return try toFile { try rows.write(format, to: $0) }
        }
        try RowExport(recording, filter, views: view.contains("all") ? [] : view).write(
            format, toFolder: output)
    }

    private func writeParquet(_ recording: Recording, _ filter: Filter) throws {
        guard let output else { return }
        try ParquetExport(recording, filter, views: view.contains("all") ? [] : view).write(to: output)
    }

    private func writeFlames(_ recording: Recording, _ filter: Filter) throws {
        let states = state.isEmpty ? Set(FlameState.allCases) : Set(state)
        let builder = try FlameBuilder(recording, filter, states: states)
        let profile =
            try stacks ?? (filter.minimumShare == 0 && recording.hasStacks())
            ? builder.byStacks() : builder.byWaits()
        let maker = "stallscope \(Stallscope.version)"
        try toFile { file in
            switch format {
            case .speedscope: try Speedscope.write(profile, name: recording.path, exporter: maker, to: file)
            case .pprof: try Pprof.write(profile, comment: "\(maker), of \(recording.path)", to: file)
            default: try FoldedStacks.write(profile, to: file)
            }
        }
    }

    private func writeDot(_ recording: Recording, _ filter: Filter) throws {
        let data = try ReportData.load(recording, filter)
        try toFile { try $0.write(EdgeGraph.dot(data, top: top ?? 60)) }
    }
}

enum ExportFormat: String, ExpressibleByArgument, CaseIterable {
    case csv, ndjson, parquet, folded, speedscope, pprof, dot, perfetto

    var hasRows: Bool { [.csv, .ndjson, .parquet].contains(self) }
    var isFlames: Bool { [.folded, .speedscope, .pprof].contains(self) }
    var isBinary: Bool { [.pprof, .perfetto].contains(self) }
}

extension FlameState: ExpressibleByArgument {}
