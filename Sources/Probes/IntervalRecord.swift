import Model
import ProbeRecords

/// One spell of a thread off the CPU, as the kernel side tells it.  Times are nanoseconds of `CLOCK_BOOTTIME`, in this
/// order: it left, was woken, came into a run queue, and ran.
public struct IntervalRecord: Sendable {
    public var thread: UInt32
    public var left: UInt64
    public var woken: UInt64
    public var queued: UInt64
    public var ran: UInt64
    /// nil if it was preempted.
    public var wait: WaitSubject?
    public var waker: Waker
    /// The waker's thread as the kernel side numbers it; 0 if it was not tracked.
    public var wakerThread: UInt32
    public var member: Int64
    public var timedOut: Bool
    /// As in ``OccupantRecord``: its cgroup is not known yet.
    public var occupant: Occupant?

    /// nil if `bytes` do not hold a whole `stall_interval`.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= MemoryLayout<stall_interval>.size else { return nil }
        let record = bytes.load(as: stall_interval.self)
        thread = record.wait.thread
        left = record.left
        ran = record.ran
        woken = min(max(record.woken, left), ran)
        queued = min(max(record.queued, woken), ran)
        if record.preempted != 0 {
            (wait, waker, wakerThread, member, timedOut) = (nil, Waker(kind: .unknown), 0, 0, false)
        } else {
            wait = WaitSubject(record.wait)
            let kind = WakerKind(rawValue: record.wait.waker_kind) ?? .unknown
            let isThread = kind == .thread || kind == .itself
            waker =
                kind == .thread
                ? Waker(
                    kind: kind, pid: record.wait.waker_pid, tid: record.wait.waker_tid,
                    comm: text(record.waker_comm))
                : Waker(kind: kind)
            wakerThread = isThread ? record.waker_thread : 0
            member = Int64(record.wait.member)
            timedOut = UInt32(record.wait.flags) & STALL_WAIT_TIMED_OUT.rawValue != 0
        }
        if ran > queued {
            occupant = Occupant(
                rawKind: record.occupant_kind, pid: record.occupant_pid, tid: record.occupant_tid,
                comm: text(record.occupant_comm))
        }
    }

    public init(
        thread: UInt32, left: UInt64, woken: UInt64, queued: UInt64, ran: UInt64, wait: WaitSubject?,
        waker: Waker,
        wakerThread: UInt32 = 0, member: Int64 = 0, timedOut: Bool = false, occupant: Occupant? = nil
    ) {
        (self.thread, self.left, self.woken, self.queued, self.ran) = (thread, left, woken, queued, ran)
        (self.wait, self.waker, self.wakerThread) = (wait, waker, wakerThread)
        (self.member, self.timedOut, self.occupant) = (member, timedOut, occupant)
    }
}

/// A spell that is not over: when a thread left the CPU, and what is known of it since, as of a sample's end.  Times
/// are nanoseconds of `CLOCK_BOOTTIME`.
public struct OpenSpell: Sendable, Equatable {
    public var left: UInt64
    /// nil if it was preempted.
    public var wait: WaitSubject?
    /// When its wait was ended; nil while that goes on, or if it is in none.
    public var woken: UInt64?
    /// Since when it is in a run queue; nil if it is in none.
    public var queued: UInt64?

    public init(left: UInt64, wait: WaitSubject?, woken: UInt64? = nil, queued: UInt64? = nil) {
        (self.left, self.wait, self.woken, self.queued) = (left, wait, woken, queued)
    }

    init(_ record: stall_sample) {
        left = record.left
        wait = record.preempted != 0 ? nil : WaitSubject(record.waiting)
        woken = record.woken == 0 ? nil : record.woken
        queued = record.queued == 0 ? nil : record.queued
    }
}
