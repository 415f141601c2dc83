import Model

/// What the threads are sorted by, the most first.
public enum SortKey: Int, CaseIterable, Sendable {
    case busy, onCPU, runQueue, heldUp, blocked, wakeups, name

    public var title: String {
        switch self {
        case .busy: "on or waiting for a CPU"
        case .onCPU: "on CPU"
        case .runQueue: "run queue"
        case .heldUp: "held up: run queue, locks, disk, memory"
        case .blocked: "blocked"
        case .wakeups: "wakeups"
        case .name: "name"
        }
    }

    var next: SortKey { Self.allCases[(rawValue + 1) % Self.allCases.count] }
    var previous: SortKey { Self.allCases[(rawValue + Self.allCases.count - 1) % Self.allCases.count] }

    /// - Returns: nil for what is sorted by its name.
    func value(_ load: Load) -> UInt64? {
        let sample = load.sample
        switch self {
        case .busy: return sample.onCPU &+ sample.runQueue
        case .onCPU: return sample.onCPU
        case .runQueue: return sample.runQueue
        case .heldUp:
            return sample.runQueue &+ load.blocked[.lock] &+ load.blocked[.disk] &+ load.blocked[.memory]
        case .blocked: return sample.blocked
        case .wakeups: return sample.wakeups
        case .name: return nil
        }
    }
}

/// Where the time of a thread, or of a process' threads together, went.
public struct Load: Sendable, Equatable {
    public var sample = ThreadSample()
    public var blocked = BlockedTimes()
}
