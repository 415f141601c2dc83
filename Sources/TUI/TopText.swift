import Foundation
import Recording

/// The screen's content as text, a block for each tick, where there is no screen.
public struct TopText {
    private let recording: Recording
    private var loader: SnapshotLoader
    private var state: TopState
    private let title: String
    private let palette: Palette
    private var shown: UInt64?
    private var verdict: VerdictView?
    private var nextVerdict: UInt64 = 0

    /// Columns of a line, and threads that are shown.
    private static let columns = 132
    private static let most = 15

    /// - Parameter state: with ``TopState/isReplay``, no tick is left out; else the newest are shown.
    public init(_ recording: Recording, state: TopState, title: String, palette: Palette) {
        (self.recording, self.state, self.title, self.palette) = (recording, state, title, palette)
        loader = SnapshotLoader(recording)
    }

    /// Whether no tick will come any more.
    public var isFinished: Bool {
        (state.isReplay || loader.isFinished) && shown == loader.timeline.last
    }

    /// - Returns: nil if there is no new tick yet.
    public mutating func next() throws(RecordingError) -> String? {
        _ = try loader.readTicks()
        let moment = state.isReplay ? loader.timeline.first { $0 > shown ?? 0 } : loader.timeline.last
        guard let moment, moment != shown else { return nil }
        shown = moment
        let snapshot = try loader.load(moment, window: state.windowTicks)
        try judge(moment)
        let lines = TopLayout(snapshot, verdict, state, title: title).text(
            columns: Self.columns, most: Self.most)
        return lines.map { Self.trimmed(palette == .plain ? $0.text : $0.encoded(palette)) }.joined(
            separator: "\n") + "\n\n"
    }

    /// - Returns: false if nobody reads any more.
    public static func print(_ block: String) -> Bool { RawTerminal.write(block) }

    /// A diagnosis takes longer than a snapshot, so not every tick gets one of what is recorded now.
    private mutating func judge(_ moment: UInt64) throws(RecordingError) {
        let begin = DispatchTime.now().uptimeNanoseconds
        guard state.isReplay || begin >= nextVerdict else { return }
        verdict = try VerdictLoader.load(recording, until: moment)
        let end = DispatchTime.now().uptimeNanoseconds
        nextVerdict = end + max(2_000_000_000, (end - begin) * 9)
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
