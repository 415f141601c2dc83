import ArgumentParser
import Diagnosis
import Foundation
import Model
import Recording

/// `stallscope diagnose FILE`
struct Diagnose: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says why an application is slow, and why it believes so.",
        discussion: """
            Finds the threads that serve requests, follows each of their waits to
            its cause, and names what makes the work take longer than in the
            baseline: a stretch that you give, another recording, or one that it
            finds by itself.

            Exits with 0 if there is a verdict, with 3 if there is no bottleneck.
            Times are as for `stallscope report --from`.

            EXAMPLES:
              stallscope diagnose app.stall
              stallscope diagnose app.stall --baseline 10:00-10:05
              stallscope diagnose app.stall --baseline good.stall --json
              stallscope diagnose app.stall --kpi latency.csv
              stallscope diagnose --pid 1234 --duration 30s
            """)

    @Argument(
        help: "A file made by `stallscope record`; it may still be growing.",
        completion: .file(extensions: ["stall"]))
    var file: String?

    @Option(help: "Record this process first, for --duration, instead of reading a file.")
    var pid: UInt32?

    @Option(help: ArgumentHelp("With --pid: how long to record (default 30s).", valueName: "time"))
    var duration: String?

    @Option(
        help: ArgumentHelp(
            "When all was well: a stretch of the recording, or another recording.", valueName: "from-to|file")
    )
    var baseline: String?

    @Option(help: ArgumentHelp("Look at this stretch of the recording only.", valueName: "from-to"))
    var window: String?

    @Option(
        help: ArgumentHelp(
            "Threads that serve requests, by tid or name (* stands for anything), if they are not found.",
            valueName: "tid|name"))
    var entry: [String] = []

    @OptionGroup(title: "Choosing a part of the recording (threads: of those that serve)")
    var time: TimeOptions

    @OptionGroup(title: "Choosing a part of the recording (threads: of those that serve)")
    var threads: ThreadOptions

    @Option(
        help: ArgumentHelp(
            "The application's own measurements, lines of time and value: ranks all metrics by how they move with it.",
            valueName: "file.csv"))
    var kpi: String?

    @Flag(
        help:
            "The KPI is better when it is higher, like throughput; without it, like latency, when it is lower."
    )
    var kpiHigherIsBetter = false

    @Flag(help: "Print JSON: nanoseconds, and the fields that docs/diagnosis.md describes.")
    var json = false

    @Option(help: "How many causes and threads to show (default 8).")
    var top: Int = 8

    @OptionGroup var colors: ColorOptions

    func validate() throws {
        guard (file == nil) != (pid == nil) else {
            throw ValidationError("Give a recording, or --pid for a process to record.")
        }
        if kpiHigherIsBetter, kpi == nil { throw ValidationError("--kpi-higher-is-better goes with --kpi.") }
        if duration != nil, pid == nil { throw ValidationError("--duration goes with --pid.") }
        if top < 1 { throw ValidationError("--top must be at least 1.") }
        if window != nil, time.from != nil || time.to != nil {
            throw ValidationError("--window is --from and --to in one: give it, or these.")
        }
    }

    func run() throws {
        if let file { return try diagnose(file) }
        try TemporaryRecording.with { recording in
            let record = try Record.parse([
                "--pid", "\(pid ?? 0)", "--duration", duration ?? "30s", "--output", recording,
            ])
            try record.run()
            try diagnose(recording)
        }
    }

    private func diagnose(_ path: String) throws {
        let run = try DiagnosisRun(path)
        let diagnoser = Diagnoser(run.evidence, entryThreads: try chosenEntries(run))
        var options = DiagnosisOptions()
        let start = try run.recording.beginning()
        options.window = try TimeArgument.stretch(window, "--window", start) ?? stretch(of: run)
        var other: Diagnoser?
        if let baseline {
            if FileManager.default.fileExists(atPath: baseline) {
                other = Diagnoser(try DiagnosisRun(baseline).evidence)
            } else {
                options.baseline = try TimeArgument.stretch(
                    baseline, "--baseline", start, or: "the path of a recording")
            }
        }
        let findings = Patience.during("Following waits to their causes") {
            diagnoser.diagnose(options, against: other)
        }
        let ranking = try kpi.map { file in
            try Patience.during("Comparing all metrics with \(file)") { try rank(file, run.recording) }
        }
        try run.show(findings, asJSON: json, top: top, colors, kpi: ranking)
    }

    private func rank(_ path: String, _ recording: Recording) throws -> (KPIRanking, [MetricBin]) {
        let kpi = try KPIFile.read(
            path, higherIsBetter: kpiHigherIsBetter, start: recording.beginning())
        let (bins, series) = try recording.metrics()
        let means = kpi.means(over: bins)
        guard means.contains(where: \.isFinite) else {
            throw ValidationError("No value of \(path) lies within the recording: check its times.")
        }
        return (KPIRanking(series, kpi: means, higherIsBetter: kpiHigherIsBetter), bins)
    }

    /// What --from and --to give, as a window.
    private func stretch(of run: DiagnosisRun) throws -> Range<UInt64>? {
        var filter = Filter()
        try time.add(to: &filter, start: run.recording.beginning())
        guard filter.from != nil || filter.to != nil else { return nil }
        let from = filter.from ?? run.evidence.slices.first?.from ?? 0
        return from..<max(from, filter.to ?? run.evidence.slices.last?.to ?? from)
    }

    private func chosenEntries(_ run: DiagnosisRun) throws -> [Int32]? {
        let evidence = run.evidence
        var chosen: [Int32]?
        if !entry.isEmpty {
            let named = evidence.threads.indices.filter { index in
                let thread = evidence.threads[index]
                return entry.contains { UInt32($0) == thread.tid || StarPattern($0).matches(thread.comm) }
            }
            guard !named.isEmpty else {
                throw ValidationError(
                    "No thread of the recording is called \(entry.joined(separator: " or ")).")
            }
            chosen = named.map(Int32.init)
        }
        guard !threads.isEmpty else { return chosen }
        var filter = Filter()
        threads.add(to: &filter)
        let ids = try run.recording.threadIDs(filter)
        // Without --entry, of those that a diagnosis of the whole finds.
        let serving = chosen ?? Diagnoser(evidence).diagnose().entryThreads.map(\.thread)
        let narrowed = serving.filter { ids.contains(evidence.threads[Int($0)].id) }
        guard !narrowed.isEmpty else {
            throw ValidationError(
                "None of the threads that serve is among those of --process and --thread: name others with --entry."
            )
        }
        return narrowed
    }
}
