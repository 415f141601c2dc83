extension TopState {
    /// Selects the thread that ended the selected thread's waits, by their longest sum.
    mutating func followWaker(_ snapshot: TopSnapshot) {
        guard let row = selectedRow(snapshot) else { return }
        guard let thread = row.thread else {
            message = "Select a thread: a process waits for nothing itself."
            return
        }
        guard
            let wait = thread.waits.first(where: { $0.wakerThread != nil && $0.wakerThread != thread.thread }
            ),
            let waker = snapshot.threads.first(where: { $0.thread == wait.wakerThread })
        else {
            let longest = thread.waits.first.map { ": \($0.subject), ended by \($0.waker)" } ?? ""
            message = "No thread that is watched ended its waits\(longest)."
            return
        }
        trail.append(.thread(thread.thread))
        show(waker, snapshot)
        message = "\(waker.comm)/\(waker.tid) ended \(wait.subject) of \(thread.comm)/\(thread.tid).  b: back"
    }

    /// Selects the thread from which the last one was followed.
    mutating func goBack(_ snapshot: TopSnapshot) {
        while let last = trail.popLast() {
            guard let thread = snapshot.threads.first(where: { .thread($0.thread) == last }) else { continue }
            show(thread, snapshot)
            return
        }
        message = "No waker was followed to here.  f: follow"
    }

    /// Whatever hides the thread gives way.
    private mutating func show(_ thread: ThreadView, _ snapshot: TopSnapshot) {
        if !NamePattern(filter).matches(thread) { filter = "" }
        folded.remove(.process(thread.process))
        selected = .thread(thread.thread)
    }
}
