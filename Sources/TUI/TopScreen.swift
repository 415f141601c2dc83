import Foundation
import Glibc
import Recording

/// The loop that shows a recording on a terminal, and does what keys and signals ask for.
public final class TopScreen {
    /// Why it was left.
    public enum End: Sendable, Equatable {
        case quit
        case signal(Int32)
        /// The recording that is being made is over.
        case recordingEnded
        case terminalGone
    }

    private let feed: TopFeed
    private let title: String
    private let interval: UInt64
    private let isOver: () -> Bool
    private let input: Int32
    private let signals: WakePipe
    private var state: TopState
    private var decoder = KeyDecoder()
    private var writer: ScreenWriter
    private var size = (columns: 80, rows: 24)
    private var page = 1
    private var nextStep: UInt64 = 0

    /// - Parameters:
    ///   - title: what is watched, in words.
    ///   - interval: ns; in a replay a tick goes by in that time.
    ///   - isOver: whether the recording that is being made has ended.
    /// - Throws: ``TerminalError`` where nobody could press a key.
    public init(
        _ feed: TopFeed, state: TopState, title: String, palette: Palette, interval: UInt64,
        isOver: @escaping () -> Bool
    ) throws(TerminalError) {
        (self.feed, self.state, self.title, self.interval) = (feed, state, title, interval)
        self.isOver = isOver
        writer = ScreenWriter(palette)
        // Keys come from the terminal even if standard input is something else.
        input = isatty(STDIN_FILENO) == 1 ? dup(STDIN_FILENO) : open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard input >= 0 else { throw .noTerminal }
        signals = try WakePipe()
    }

    deinit { close(input) }

    /// Shows the screen until something ends it; the terminal is as before then.
    public func run() throws -> End {
        ScreenSignals.installForScreen(waking: signals)
        defer { ScreenSignals.removeFromScreen() }
        try RawTerminal.enter(input)
        defer { RawTerminal.leave() }
        size = RawTerminal.size()
        nextStep = now() + interval
        while true {
            if let failure = feed.failure { throw failure }
            if let signal = ScreenSignals.ended { return .signal(signal) }
            if isOver() { return .recordingEnded }
            try followSignals()
            play()
            guard draw() else { return .terminalGone }
            if let end = try waitForKeys() { return end }
        }
    }

    private func followSignals() throws {
        if ScreenSignals.takeSuspend() {
            RawTerminal.leave()
            ScreenSignals.stopHere()
            _ = ScreenSignals.takeResume()
            try enterAgain()
        }
        // After a SIGSTOP the shell may have set the terminal as it likes it.
        if ScreenSignals.takeResume() {
            RawTerminal.leave()
            try enterAgain()
        }
        if ScreenSignals.takeResize() {
            size = RawTerminal.size()
            writer.forget()
        }
    }

    private func enterAgain() throws {
        try RawTerminal.enter(input)
        size = RawTerminal.size()
        writer.forget()
    }

    /// In a replay, time goes on by a tick in each interval.
    private func play() {
        guard state.isReplay, !state.isPaused, now() >= nextStep else { return }
        nextStep = now() + interval
        let snapshot = feed.latest.snapshot
        guard let next = snapshot.timeline.first(where: { $0 > snapshot.time }) else {
            // The end stands still.
            if !snapshot.timeline.isEmpty { state.isPaused = true }
            return
        }
        state.moment = next
        feed.ask(request)
    }

    private var request: TopFeed.Request { TopFeed.Request(moment: state.moment, window: state.windowTicks) }

    private func draw() -> Bool {
        let latest = feed.latest
        let frame = TopLayout(latest.snapshot, latest.verdict, state, title: title)
            .frame(columns: size.columns, rows: size.rows)
        state.scroll = frame.scroll
        page = frame.page
        let output = writer.update(frame.lines)
        return output.isEmpty || RawTerminal.write(output)
    }

    /// Waits for a key, a signal, or something new to show.
    private func waitForKeys() throws -> End? {
        var entries = [input, signals.readEnd, feed.news.readEnd].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let step = state.isReplay && !state.isPaused ? Int32(clamping: interval / 1_000_000) : 1000
        // What follows an escape byte follows at once.
        let timeout = decoder.isWaiting ? 50 : step
        let count = poll(&entries, nfds_t(entries.count), timeout)
        signals.drain()
        feed.news.drain()
        if count == 0, decoder.isWaiting { return press(decoder.flush()) }
        let events = Int32(entries[0].revents)
        guard count > 0, events != 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 256)
        let length = read(input, &bytes, bytes.count)
        if length < 0, errno == EINTR || errno == EAGAIN { return nil }
        guard length > 0 else { return .terminalGone }
        return press(decoder.decode(bytes[..<length]))
    }

    private func press(_ keys: [Key]) -> End? {
        let before = request
        for key in keys where state.handle(key, feed.latest.snapshot, page: page) == .quit { return .quit }
        if request != before {
            feed.ask(request)
            nextStep = now() + interval
        }
        return nil
    }

    private func now() -> UInt64 { DispatchTime.now().uptimeNanoseconds }
}
