import Model
import Render

/// What stands above the list: when, the verdict, where the time went, and who had the CPUs.
struct HeaderLines {
    let snapshot: TopSnapshot
    let verdict: VerdictView?
    let state: TopState
    /// What is watched, in words.
    let title: String

    func lines(width: Int) -> [StyledLine] {
        [first(width)] + verdictLines(width) + [sums, occupants]
    }

    private func first(_ width: Int) -> StyledLine {
        var left = StyledLine("stallscope top", .heading, isBold: true)
        left.add("  " + title)
        var right = StyledLine()
        if snapshot.time > 0 {
            right.add("+\(Units.duration(snapshot.elapsed))  \(WallClock.timeOfDay(snapshot.time))  ")
        }
        right.add(mode, state.isPaused ? .alarm : .calm, isBold: state.isPaused)
        let room = max(0, width - right.width - 2)
        var line = left.fitted(to: room)
        line.add("  ")
        line.add(right)
        return line
    }

    private var mode: String {
        if state.isPaused { return "paused" }
        if state.isReplay { return "replay" }
        return snapshot.isFinished ? "ended" : "live"
    }

    /// At most two lines.
    private func verdictLines(_ width: Int) -> [StyledLine] {
        guard let verdict else {
            return [StyledLine("► The first diagnosis comes when a few seconds are recorded.", .faint)]
        }
        let seconds = Units.duration(verdict.to - min(verdict.from, verdict.to))
        let text = "► \(verdict.summary) (last \(seconds))"
        let lines = Self.wrap(text, width: width, most: 2)
        return lines.map {
            StyledLine($0, verdict.isBottleneck ? .alarm : .calm, isBold: verdict.isBottleneck)
        }
    }

    private var sums: StyledLine {
        var load = Load()
        for thread in snapshot.threads {
            load.sample += thread.sample
            load.blocked += thread.blocked
        }
        let processes = Set(snapshot.threads.map(\.process)).count
        var line = StyledLine(
            Units.count(processes, "process", "processes") + ", "
                + Units.count(snapshot.threads.count, "thread", "threads") + "  ")
        line.add(StateBar.line(load, width: 16))
        let seconds = max(1, snapshot.duration)
        line.add("  \(Self.cpus(load.sample.onCPU, seconds)) CPUs", .onCPU)
        line.add("  \(Self.cpus(load.sample.runQueue, seconds)) queued", .runQueue)
        for kind in [BlockedKind.lock, .disk, .memory] {
            let held = snapshot.threads.reduce(UInt64(0)) { $0 &+ ($1.hasRun ? $1.blocked[kind] : 0) }
            if held > 0 { line.add("  \(Self.cpus(held, seconds)) \(kind)", .blocked(kind)) }
        }
        if snapshot.losses > 0 { line.add("  \(Units.count(snapshot.losses)) lost", .alarm) }
        return line
    }

    private var occupants: StyledLine {
        var line = StyledLine("Run queue waits for: ", .heading)
        let all = snapshot.occupants.reduce(UInt64(0)) { $0 &+ $1.total }
        guard all * 1000 >= snapshot.duration, all > 0 else {
            line.add("nobody to speak of", .faint)
            return line
        }
        let shown = snapshot.occupants.prefix(6).map {
            "\($0.name) \(ListColumns.percent($0.total, of: all))"
        }
        line.add(shown.joined(separator: ", "))
        return line
    }

    /// Threads at once, on average.
    private static func cpus(_ time: UInt64, _ duration: UInt64) -> String {
        let hundredths = (time * 100 + duration / 2) / duration
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    /// Words on lines; what does not fit into `most` lines is cut.
    static func wrap(_ text: String, width: Int, most: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in TerminalText.safe(text).split(separator: " ") {
            if !line.isEmpty, lines.count < most - 1,
                TerminalText.width(line) + TerminalText.width(String(word)) + 1 > width
            {
                lines.append(line)
                line = "  " + word
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        lines.append(TerminalText.cut(line, to: width))
        return lines
    }
}
