/// One spell of a thread off the CPU: a wait, the time until it is in a run queue and the stay there, or, where the
/// thread was preempted, that stay alone.
///
/// Times are nanoseconds since the Unix epoch, `left <= woken <= queued <= ran`.  Between the `ran` of one spell and the `left` of
/// the next the thread was on a CPU.
public struct Interval: Sendable, Equatable {
    /// ``ThreadVersion/thread``: the same in all versions of a thread.
    public var thread: Int64
    public var left: UInt64
    /// The end of the wait; `left` if there was none.
    public var woken: UInt64
    /// When it came into a run queue: a CPU that sleeps has to wake up first.
    public var queued: UInt64
    public var ran: UInt64
    /// What it waited for; nil if it was preempted.
    public var wait: WaitSubject?
    /// What ended the wait: `pending` if it was not over when the recording ended.
    public var waker: Waker
    /// ``ThreadVersion/thread`` of the waker; 0 if that was not a target's thread.
    public var wakerThread: Int64
    /// As in ``WaitSample/member``.
    public var member: Int64
    public var timedOut: Bool
    /// Who held the CPU for the longest part of `queued..<ran`; nil if that is empty.
    public var occupant: Occupant?

    public init(
        thread: Int64, left: UInt64, woken: UInt64, queued: UInt64? = nil, ran: UInt64,
        wait: WaitSubject? = nil, waker: Waker = .pending,
        wakerThread: Int64 = 0, member: Int64 = 0, timedOut: Bool = false, occupant: Occupant? = nil
    ) {
        self.thread = thread
        self.left = left
        self.woken = woken
        self.queued = queued ?? woken
        self.ran = ran
        self.wait = wait
        self.waker = waker
        self.wakerThread = wakerThread
        self.member = member
        self.timedOut = timedOut
        self.occupant = occupant
    }
}

/// A lock that a thread still waited for when the recording ended, and who held it.
public struct HeldLock: Sendable, Equatable {
    /// ``ThreadVersion/thread`` of both.
    public var waiter: Int64
    public var holder: Int64
    public var resource: Int64

    public init(waiter: Int64, holder: Int64, resource: Int64) {
        (self.waiter, self.holder, self.resource) = (waiter, holder, resource)
    }
}

/// A stretch of time of which every spell off the CPU that reaches into it is known, of every thread of the targets.
///
/// Where spells are too many to keep all of them, a recording has slices of the time; where they are not, one slice
/// follows another without a gap.
public struct IntervalSlice: Sendable, Equatable {
    /// Nanoseconds since the Unix epoch, `from < to`.
    public var from: UInt64
    public var to: UInt64

    public init(from: UInt64, to: UInt64) {
        self.from = from
        self.to = to
    }
}
