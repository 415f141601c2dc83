/// What a thread that is off the CPU is held by, coarse enough for a bar of twenty cells.
public enum BlockedKind: Int, CaseIterable, Sendable {
    case lock, peer, disk, memory, timer, other

    /// - Parameter wait: a wait's kind as recordings name it.
    public init(wait: String) {
        self =
            switch wait {
            case "futex", "kernel_lock": .lock
            case "pipe", "unix", "inet", "accept", "connect", "epoll", "poll", "event": .peer
            case "file_read", "file_write", "fsync", "page_fault", "io_uring", "aio", "file": .disk
            case "reclaim", "group_reclaim", "compaction", "swap_in", "thrashing": .memory
            case "sleep": .timer
            default: .other
            }
    }

    /// Its cell in a bar; letters, so that a bar says the same without colours.
    public var cell: Character {
        switch self {
        case .lock: "l"
        case .peer: "p"
        case .disk: "d"
        case .memory: "m"
        case .timer: "t"
        case .other: "·"
        }
    }

    /// For the legend.
    public var title: String {
        switch self {
        case .lock: "lock"
        case .peer: "peer (socket, pipe, epoll)"
        case .disk: "disk, file"
        case .memory: "memory"
        case .timer: "timer"
        case .other: "other"
        }
    }
}

/// Nanoseconds by ``BlockedKind``.
public struct BlockedTimes: Sendable, Equatable {
    private var times = [UInt64](repeating: 0, count: BlockedKind.allCases.count)

    public init() {}

    public subscript(kind: BlockedKind) -> UInt64 {
        get { times[kind.rawValue] }
        set { times[kind.rawValue] = newValue }
    }

    public static func += (left: inout BlockedTimes, right: BlockedTimes) {
        for kind in BlockedKind.allCases { left[kind] &+= right[kind] }
    }
}
