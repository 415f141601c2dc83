import Render

/// A screen full of lines, and what they mean for the state.
public struct Frame: Sendable, Equatable {
    /// As many as the screen has, each as wide as it is.
    public var lines: [StyledLine]
    /// ``TopState/scroll`` as it has become, so that the selected row can be seen.
    public var scroll: Int
    /// Lines of the list that are on the screen.
    public var page: Int
}

/// From what there is to say, and a size, to what stands where.
public struct TopLayout: Sendable {
    public var snapshot: TopSnapshot
    public var verdict: VerdictView?
    public var state: TopState
    public var title: String

    public init(_ snapshot: TopSnapshot, _ verdict: VerdictView?, _ state: TopState, title: String) {
        (self.snapshot, self.verdict, self.state, self.title) = (snapshot, verdict, state, title)
    }

    /// - Parameters:
    ///   - columns: of the screen, at least one.
    ///   - rows: of the screen, at least one.
    public func frame(columns: Int, rows: Int) -> Frame {
        let header = HeaderLines(snapshot: snapshot, verdict: verdict, state: state, title: title)
        let top = header.lines(width: columns).prefix(max(1, rows / 2))
        if state.showsHelp { return help(Array(top), columns, rows) }
        let waitCount = rows >= 40 ? 11 : rows >= 30 ? 8 : rows >= 20 ? 6 : 0
        let page = max(0, rows - top.count - 1 - waitCount - 1)
        let body = list(columns, page)
        let waits = WaitLines.lines(shownThreads, width: columns, most: waitCount)
        let columnsLine = ListColumns(width: columns, sort: state.sort).header
        var lines = Array(top) + [columnsLine] + body.lines
        lines += blank(page - body.lines.count)
        lines += waits + blank(waitCount - waits.count)
        lines = Array(lines.prefix(max(0, rows - 1)))
        lines.append(footer(columns))
        return Frame(lines: fit(lines, columns, rows), scroll: body.scroll, page: page)
    }

    /// Without a screen: everything above the list, and the first threads of it.
    public func text(columns: Int, most: Int) -> [StyledLine] {
        let header = HeaderLines(snapshot: snapshot, verdict: verdict, state: state, title: title)
        let table = ListColumns(width: columns, sort: state.sort)
        let rows = state.rows(snapshot)
        var lines = header.lines(width: columns) + [table.header]
        lines += rows.prefix(most).map { table.line($0, isFolded: false, isExpanded: false) }
        if rows.count > most { lines.append(StyledLine("… and \(rows.count - most) more")) }
        lines += WaitLines.lines(shownThreads, width: columns, most: 6)
        return lines
    }

    private var shownThreads: [ThreadView] {
        let pattern = NamePattern(state.filter)
        return snapshot.threads.filter { pattern.matches($0) }
    }

    private func list(_ columns: Int, _ page: Int) -> (lines: [StyledLine], scroll: Int) {
        let table = ListColumns(width: columns, sort: state.sort)
        let rows = state.rows(snapshot)
        let selectedIndex = rows.firstIndex { $0.id == state.selected } ?? 0
        var lines: [StyledLine] = []
        var selection = 0..<1
        for (index, row) in rows.enumerated() {
            let isExpanded = row.thread.map { state.expanded.contains($0.thread) } ?? false
            let line = table.line(row, isFolded: state.folded.contains(row.id), isExpanded: isExpanded)
            let start = lines.count
            lines.append(index == selectedIndex ? line.fitted(to: columns).reversed() : line)
            if isExpanded, let thread = row.thread { lines += ThreadDetail.lines(thread, width: columns) }
            if index == selectedIndex { selection = start..<lines.count }
        }
        guard !lines.isEmpty else { return ([StyledLine(nothing, .faint)], 0) }
        var scroll = min(state.scroll, max(0, lines.count - page))
        // As much of what belongs to the selected row as fits; its first line in any case.
        scroll = max(scroll, selection.upperBound - page)
        scroll = min(scroll, selection.lowerBound)
        return (Array(lines.dropFirst(scroll).prefix(page)), scroll)
    }

    private var nothing: String {
        if !state.filter.isEmpty { return "  No thread is called \(state.filter).  Escape shows all." }
        return snapshot.time == 0 ? "  Waiting for the first tick." : "  No thread lived in this stretch."
    }

    private func footer(_ columns: Int) -> StyledLine {
        if state.isTyping {
            var line = StyledLine("Filter: ", .key, isBold: true)
            line.add(state.filter + "▏")
            line.add("  Enter: keep  Escape: all", .faint)
            return line
        }
        if !state.message.isEmpty { return StyledLine(state.message, .heading) }
        var line = StyledLine()
        for (key, what) in [
            ("?", "help"), ("q", "end"), ("s", "sort"), ("/", "filter"), ("⏎", "expand"), ("f", "follow"),
            ("b", "back"), ("␣", state.isPaused ? "go on" : "pause"),
        ] {
            line.add(key, .key, isBold: true)
            line.add(" \(what)  ", .faint)
        }
        let ticks = Units.count(state.windowTicks, "tick", "ticks")
        line.add("by \(state.sort.title), \(ticks)" + (state.filter.isEmpty ? "" : ", only \(state.filter)"))
        return line
    }

    private func help(_ top: [StyledLine], _ columns: Int, _ rows: Int) -> Frame {
        Frame(lines: fit(top + HelpLines.lines, columns, rows), scroll: state.scroll, page: 1)
    }

    private func blank(_ count: Int) -> [StyledLine] { Array(repeating: StyledLine(), count: max(0, count)) }

    private func fit(_ lines: [StyledLine], _ columns: Int, _ rows: Int) -> [StyledLine] {
        (lines.prefix(rows) + blank(rows - lines.count)).map { $0.fitted(to: columns) }
    }
}
