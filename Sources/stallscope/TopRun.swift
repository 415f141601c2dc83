import ArgumentParser
import Foundation
import Glibc
import Model
import ProcFS
import Recording
import Render
import TUI

/// What `top` does: it shows a file, or what it records meanwhile.
extension Top {
    func run() throws {
        ScreenSignals.install()
        if let file {
            let recording = try Recording.open(file)
            return try Self.exit(
                with: show(recording, isReplay: Self.isOld(recording), title: file) { false })
        }
        guard let output else {
            return try TemporaryRecording.with { try record(to: $0, isKept: false) }
        }
        try record(to: output, isKept: true)
    }

    private func record(to path: String, isKept: Bool) throws {
        // The options of both are the same groups.
        var record = try Record.parse(["--all", "--output", path])
        (record.targets, record.ticks, record.followed) = (targets, ticks, followed)
        let live = LiveRecording(level: logging.logLevel, isQuiet: usesScreen)
        live.start(record, keeping: isKept ? nil : Self.retention)
        try live.waitUntilBegun()
        let recording = try Recording.open(path)
        let end: TopScreen.End
        do {
            end = try show(recording, isReplay: false, title: title, live) { live.isOver }
        } catch {
            // The file has to be closed before it is removed.  What failed first is the one to tell.
            live.end()
            throw error
        }
        live.end()
        try live.check()
        if end == .recordingEnded { Self.say("The last target has ended.") }
        if isKept {
            Self.say("`stallscope report \(ProcessArguments.line([path]))` shows what was recorded.")
        }
        try Self.exit(with: end)
    }

    /// What nobody keeps holds as far back as one may want to look, and fills no disk.
    private static let retention = Retention(age: 900_000_000_000, size: 256 << 20)

    private var usesScreen: Bool { batch == nil && Terminal.outputIsTerminal }

    private func show(
        _ recording: Recording, isReplay: Bool, title: String, _ live: LiveRecording? = nil,
        isOver: @escaping () -> Bool
    ) throws -> TopScreen.End {
        var state = TopState()
        state.isReplay = isReplay
        let palette = Palette(
            colors: colors.areUsed(isTerminal: Terminal.outputIsTerminal),
            environment: ProcessInfo.processInfo.environment)
        guard usesScreen else {
            state.windowTicks = 1
            return try printText(
                TopText(recording, state: state, title: title, palette: palette), recording.header.interval,
                isOver)
        }
        if isReplay { state.moment = try recording.ticks().first?.time }
        let feed = try TopFeed(
            recording, interval: recording.header.interval,
            request: TopFeed.Request(moment: state.moment, window: state.windowTicks))
        let screen = try TopScreen(
            feed, state: state, title: title, palette: palette, interval: ticks.interval.nanoseconds,
            isOver: isOver)
        live?.onTick { feed.poke() }
        feed.start()
        defer { feed.stop() }
        return try screen.run()
    }

    /// A block of text for each tick, until there are enough of them.
    private func printText(_ text: TopText, _ interval: UInt64, _ isOver: () -> Bool) throws -> TopScreen.End
    {
        var text = text
        var printed = 0
        while true {
            if let signal = ScreenSignals.ended { return .signal(signal) }
            let isLast = isOver()
            if let block = try text.next() {
                guard TopText.print(block) else { return .terminalGone }
                printed += 1
                if printed == batch { return .quit }
            } else if isLast || text.isFinished {
                return isLast ? .recordingEnded : .quit
            } else {
                usleep(UInt32(clamping: min(interval, 1_000_000_000) / 10_000))
            }
        }
    }

    /// What is watched, as it was asked for.
    private var title: String {
        let words =
            targets.pid.map { "pid \($0)" } + targets.comm.map { "comm \($0)" }
            + targets.cmdline.map { "cmdline \($0)" } + targets.cgroup.map { "cgroup \($0)" }
            + targets.endpoint.map { "endpoint \($0)" } + (targets.all ? ["all processes"] : [])
        return words.joined(separator: ", ")
    }

    /// Whether nothing more will be recorded: it is finished, or its recorder seems to have been killed.
    private static func isOld(_ recording: Recording) throws -> Bool {
        if recording.isFinished { return true }
        let newest = try recording.ticks().last?.time ?? recording.header.started
        let now = UInt64(max(0, Date().timeIntervalSince1970)) * 1_000_000_000
        return now > newest + max(5_000_000_000, 3 * recording.header.interval)
    }

    /// Where nobody reads along, nothing needs to be said.
    private static func say(_ sentence: String) {
        if isatty(STDERR_FILENO) == 1 { Terminal.printNote(sentence) }
    }

    /// Ctrl-C ends it as `q` does; other signals leave their number.
    private static func exit(with end: TopScreen.End) throws {
        if case .signal(let signal) = end, signal != SIGINT { throw ExitCode(128 + signal) }
    }
}
