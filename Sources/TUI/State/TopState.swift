/// What the user chose: everything about the screen that is not in the recording.
public struct TopState: Sendable, Equatable {
    public var sort = SortKey.busy
    /// Empty: all threads.
    public var filter = ""
    /// Keys go into ``filter``.
    public var isTyping = false
    /// Threads are below their processes.
    public var isGrouped = true
    public var selected: RowID?
    /// Threads whose waits, bursts and lengths are shown.
    public var expanded: Set<Int64> = []
    /// Processes whose threads are not shown.
    public var folded: Set<RowID> = []
    /// Lines of the list above the screen.
    public var scroll = 0
    /// The moment that is shown; nil: the newest.
    public var moment: UInt64?
    /// Time stands still.
    public var isPaused = false
    /// How many ticks the numbers are of.
    public var windowTicks = 3
    public var showsHelp = false
    /// Threads from which wakers were followed, the first one first.
    public var trail: [RowID] = []
    /// What the last key has to say.
    public var message = ""
    /// The recording is not being made here and is finished: time passes as it did then.
    public var isReplay = false

    public init() {}

    /// Lengths of the window that `w` goes through, in ticks.
    static let windows = [1, 3, 10, 30]
}

/// What a key asks for beyond the state.
public enum KeyEffect: Sendable, Equatable {
    case none, quit
}
