import Collector
import Glibc
import Logging
import ProcFS
import Render

/// One line that says that the recording has begun, for whoever waits for that, and on a terminal one that says how far
/// it has got.  It ends with SIGINT or SIGTERM.
final class ProgressLine: RecordWatcher {
    let logger: Logger
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var elapsed: UInt64 = 0
    private var processes = 0
    private var threads = 0
    private var lost: UInt64 = 0

    init(_ logger: Logger) { self.logger = logger }

    func created() { StopSignals.install() }

    func began(_ path: String) {
        write("stallscope: attached; recording into \(TerminalText.safe(path))\n")
    }

    var isStopping: Bool { StopSignals.isStopping }

    /// How much was recorded, for the last sentence.
    private var summary: String {
        let seconds = Double(elapsed / 100_000_000) / 10
        return "\(seconds) s, " + Units.count(threads, "thread", "threads") + " of "
            + Units.count(processes, "process", "processes")
            + (lost > 0 ? ", with losses (the report lists them)" : "")
    }

    func show(_ progress: RecorderProgress) {
        elapsed = progress.elapsed
        processes = progress.seenProcesses
        threads = progress.seenThreads
        lost = progress.lost
        guard isTerminal else { return }
        let cpus = Double(progress.onCPU * 100 / max(progress.alive, 1)) / 100
        write(
            "\r\u{1B}[K\(progress.elapsed / 1_000_000_000) s  "
                + Units.count(progress.processes, "process", "processes") + "  "
                + Units.count(progress.threads, "thread", "threads") + "  \(cpus) CPUs busy"
                + (lost > 0 ? "  \(lost) lost" : ""))
    }

    func failed() {
        if isTerminal { write("\r\u{1B}[K") }
    }

    func finished(_ path: String, calledAs name: String) {
        guard isTerminal else { return }
        failed()
        let shown = ProcessArguments.line([name])
        write("\(path): recorded \(summary). `stallscope report \(shown)` shows it.\n")
    }

    private func write(_ text: String) {
        let bytes = Array(text.utf8)
        // Nothing depends on this line; if the terminal is gone, so is its reader.
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}
