extension TopState {
    /// What a key does.
    ///
    /// - Parameter page: lines of the list that are on the screen.
    public mutating func handle(_ key: Key, _ snapshot: TopSnapshot, page: Int) -> KeyEffect {
        message = ""
        if isTyping {
            type(key)
            return .none
        }
        if showsHelp {
            showsHelp = false
            return key == .character("q") ? .quit : .none
        }
        switch key {
        case .character("q"): return .quit
        case .character("?"), .character("h"): showsHelp = true
        case .character("s"): sort = sort.next
        case .character("S"): sort = sort.previous
        case .character("/"): isTyping = true
        case .character("t"): isGrouped.toggle()
        case .character("w"): windowTicks = Self.windows.first { $0 > windowTicks } ?? Self.windows[0]
        case .character("e"), .enter, .tab: expandOrFold(snapshot)
        case .character("f"): followWaker(snapshot)
        case .character("b"), .backspace: goBack(snapshot)
        case .character(" "), .character("p"): pause(snapshot)
        case .escape: filter = ""
        case .left, .character(","): step(-1, snapshot)
        case .right, .character("."): step(1, snapshot)
        case .character("<"): step(-10, snapshot)
        case .character(">"): step(10, snapshot)
        default: move(key, snapshot, page)
        }
        return .none
    }

    private mutating func type(_ key: Key) {
        switch key {
        case .character(let character): filter.append(character)
        case .backspace: if !filter.isEmpty { filter.removeLast() }
        case .enter: isTyping = false
        case .escape:
            isTyping = false
            filter = ""
        default: break
        }
    }

    private mutating func move(_ key: Key, _ snapshot: TopSnapshot, _ page: Int) {
        let rows = rows(snapshot)
        guard !rows.isEmpty else { return }
        let current = rows.firstIndex { $0.id == selected } ?? 0
        let target: Int
        switch key {
        case .up, .character("k"): target = current - 1
        case .down, .character("j"): target = current + 1
        case .pageUp: target = current - max(1, page - 1)
        case .pageDown: target = current + max(1, page - 1)
        case .home, .character("g"): target = 0
        case .end, .character("G"): target = rows.count - 1
        default: return
        }
        selected = rows[min(max(0, target), rows.count - 1)].id
    }

    /// The selected row, or the first while nothing was chosen.
    func selectedRow(_ snapshot: TopSnapshot) -> Row? {
        let rows = rows(snapshot)
        return rows.first { $0.id == selected } ?? rows.first
    }

    private mutating func expandOrFold(_ snapshot: TopSnapshot) {
        guard let row = selectedRow(snapshot) else { return }
        selected = row.id
        switch row.id {
        case .thread(let thread):
            if expanded.remove(thread) == nil { expanded.insert(thread) }
        case .process:
            if folded.remove(row.id) == nil { folded.insert(row.id) }
        }
    }

    /// Time stands still at what is shown, or goes on: of what is recorded now, from the newest.
    private mutating func pause(_ snapshot: TopSnapshot) {
        isPaused.toggle()
        moment = isPaused || isReplay ? snapshot.time : nil
    }

    private mutating func step(_ ticks: Int, _ snapshot: TopSnapshot) {
        guard !snapshot.timeline.isEmpty else { return }
        let index = min(max(0, snapshot.position + ticks), snapshot.timeline.count - 1)
        moment = snapshot.timeline[index]
        isPaused = true
    }
}
