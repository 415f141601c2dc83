/// What the keys do, and what the cells of the bars mean.
enum HelpLines {
    private static let keys: [(keys: String, what: String)] = [
        ("q, Ctrl-C", "end"),
        ("↑ ↓, k j", "select; PgUp PgDn, Home End, g G"),
        ("Enter, e", "a thread's waits, bursts and lengths; fold a process"),
        ("f", "follow: go to the thread that ended the selected thread's waits"),
        ("b, Backspace", "and back"),
        ("s, S", "sort by the next or the former column"),
        ("/", "filter by name, pid or tid; * is anything, Escape shows all"),
        ("t", "threads below their processes, or all in one list"),
        ("w", "numbers of the last 1, 3, 10 or 30 ticks"),
        ("Space, p", "time stands still, or goes on"),
        ("← →, , .", "a tick back or on; < > ten ticks"),
        ("Ctrl-Z", "suspend"),
    ]

    static var lines: [StyledLine] {
        let rows = keys.map { entry in
            var line = StyledLine("  ")
            line.add(entry.keys, .key, isBold: true, width: 14)
            line.add(entry.what)
            return line
        }
        var states = StyledLine("  ")
        states.add("█", .onCPU)
        states.add(" on CPU   ")
        states.add("▒", .runQueue)
        states.add(" run queue   blocked by:")
        var kinds = StyledLine("  ")
        for kind in BlockedKind.allCases {
            kinds.add(String(kind.cell), .blocked(kind), isBold: true)
            kinds.add(" \(kind.title)   ")
        }
        return [StyledLine("Keys", .heading, isBold: true)] + rows
            + [StyledLine(), StyledLine("States", .heading, isBold: true), states, kinds]
            + [StyledLine(), StyledLine("  Any key goes back.", .faint)]
    }
}
