import Render

/// Columns of the list of processes and threads, as wide as the screen lets them be.
struct ListColumns {
    let name: Int
    let bar: Int
    /// What it waits for, and who ends that: what is left.
    let wait: Int
    let hasHeldUp: Bool
    private let number: Int
    private let share: Int
    private let sort: SortKey

    init(width: Int, sort: SortKey) {
        self.sort = sort
        let isWide = width >= 100
        hasHeldUp = isWide
        name = width >= 120 ? 26 : isWide ? 20 : width >= 60 ? 16 : 12
        bar = width >= 120 ? 30 : isWide ? 20 : width >= 60 ? 14 : 8
        number = isWide ? 8 : 7
        share = isWide ? 7 : 6
        wait = max(0, width - name - number - bar - share * (isWide ? 4 : 3) - 3)
    }

    var header: StyledLine {
        var line = StyledLine()
        line.add("  PROCESS, THREAD", .heading, isBold: sort == .name, width: name)
        line.add("ID", .heading, width: number, isRight: true)
        line.add(" ")
        line.add("STATES", .heading, width: bar)
        title("CPU", [.onCPU, .busy], &line)
        title("RUNQ", [.runQueue, .busy], &line)
        if hasHeldUp { title("HELD", [.heldUp], &line) }
        title("BLKD", [.blocked], &line)
        line.add("  ")
        line.add("WAITS FOR  < ENDED BY", .heading, width: wait)
        return line
    }

    private func title(_ title: String, _ keys: [SortKey], _ line: inout StyledLine) {
        let isSorted = keys.contains(sort)
        line.add((isSorted ? "▼" : "") + title, .heading, isBold: isSorted, width: share, isRight: true)
    }

    func line(_ row: Row, isFolded: Bool, isExpanded: Bool) -> StyledLine {
        let sample = row.load.sample
        let mark = row.thread == nil ? (isFolded ? "▸ " : "▾ ") : isExpanded ? "- " : "+ "
        let indent = row.isIndented ? " " : ""
        var line = StyledLine()
        line.add(indent + mark + row.name, isBold: row.thread == nil, width: name)
        line.add("\(row.number)", .faint, width: number, isRight: true)
        line.add(" ")
        line.add(StateBar.line(row.load, width: bar))
        line.add(percent(sample.onCPU, sample.alive), width: share, isRight: true)
        line.add(percent(sample.runQueue, sample.alive), width: share, isRight: true)
        if hasHeldUp {
            let held = SortKey.heldUp.value(row.load) ?? 0
            line.add(percent(held, sample.alive), width: share, isRight: true)
        }
        line.add(percent(sample.blocked, sample.alive), width: share, isRight: true)
        line.add("  ")
        if let count = row.threadCount {
            line.add(Units.count(count, "thread", "threads"), .faint, width: wait)
        } else if let longest = row.thread?.waits.first {
            line.add("\(longest.subject)  < \(longest.waker)", width: wait)
        }
        return line
    }

    /// Whole percents where columns are dear.
    private func percent(_ part: UInt64, _ whole: UInt64) -> String {
        guard share < 7, whole > 0 else { return Self.percent(part, of: whole) }
        let percent = Double(part) / Double(whole) * 100
        return percent > 0 && percent < 0.5 ? "<1%" : "\(Int(percent.rounded()))%"
    }

    /// Without the space before the sign.
    static func percent(_ part: UInt64, of whole: UInt64) -> String {
        Units.percent(part, of: whole).replacing(" ", with: "")
    }
}
