/// What a futex call asks for.  Raw values are part of the recording's format.
public enum FutexOperation: UInt8, Sendable, CaseIterable {
    /// No futex call.
    case none = 0
    case wait, wake
    /// Wakes some of the waiters, and lets the others wait elsewhere.
    case requeue
    /// Locks, tries or unlocks a futex that inherits priority.
    case lock

    public var name: String { String(describing: self) }
}

/// System calls of one thread with one number in one tick; of futex calls, those that ask for the same.
public struct SyscallSample: Sendable, Equatable {
    /// As in ``WaitSubject/syscall``.
    public var syscall: Int16
    public var operation: FutexOperation
    /// Returned in this tick.
    public var calls: UInt64 = 0
    /// Of these, those that returned an error, and those whose result was above 0.
    public var errors: UInt64 = 0
    public var positive: UInt64 = 0
    /// Nanoseconds of this tick spent in such calls, those still under way included.
    public var total: UInt64 = 0
    /// The longest that returned, over its whole length (ns); it may have begun ticks ago.
    public var longest: UInt64 = 0
    /// Bytes read or written; of a futex's wakes, the threads that they woke.
    public var moved: UInt64 = 0
    /// Whole lengths of the calls that returned.
    public var lengths = Histogram()

    public init(syscall: Int16, operation: FutexOperation = .none) {
        self.syscall = syscall
        self.operation = operation
    }
}

extension SyscallSample {
    /// Adds a sample of the same thread, number and operation.
    public static func += (left: inout SyscallSample, right: SyscallSample) {
        left.calls += right.calls
        left.errors += right.errors
        left.positive += right.positive
        left.total += right.total
        left.longest = max(left.longest, right.longest)
        left.moved += right.moved
        left.lengths += right.lengths
    }
}

/// What one thread moved through one socket or pipe in one tick.
public struct TrafficSample: Sendable, Equatable {
    /// As in ``WaitSubject/resource``.
    public var resource: Int64
    public var direction: WaitDirection
    /// Calls that moved something.
    public var calls: UInt64
    public var bytes: UInt64

    public init(resource: Int64, direction: WaitDirection, calls: UInt64, bytes: UInt64) {
        self.resource = resource
        self.direction = direction
        self.calls = calls
        self.bytes = bytes
    }
}
