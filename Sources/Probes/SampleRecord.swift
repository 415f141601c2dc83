import Model
import ProbeRecords

/// One thread over a tick, or what there was of it, as the kernel side counted it.
public struct SampleRecord: Sendable {
    public enum State: Sendable { case unknown, onCPU, waking, runQueue, blocked }

    public var thread: UInt32
    public var pid: UInt32
    public var tid: UInt32
    /// `CLOCK_BOOTTIME`, ns.
    public var from: UInt64
    public var to: UInt64
    public var sample: ThreadSample
    public var waits: [WaitRecord]
    public var occupants: [OccupantRecord]
    /// At `to`.
    public var state: State
    /// What it waits for at `to`, if it is blocked.
    public var waiting: WaitSubject?
    /// Its spell off the CPU at `to`, if it is in one.
    public var spell: OpenSpell?
    /// What ended the wait that was going on at `from`, if that wait is over.
    public var carried: WaitOutcome?
    /// The thread has ended, with this exit code.
    public var exitCode: Int32?

    /// A sample that no program took: nothing is known of waits and occupants.
    public init(
        thread: UInt32, pid: UInt32, tid: UInt32, from: UInt64, to: UInt64, sample: ThreadSample,
        exitCode: Int32? = nil
    ) {
        (self.thread, self.pid, self.tid, self.from, self.to) = (thread, pid, tid, from, to)
        (self.sample, self.exitCode) = (sample, exitCode)
        (waits, occupants, state) = ([], [], .unknown)
    }

    /// `bytes` must hold a whole `stall_sample`.
    init(_ bytes: UnsafeRawBufferPointer) {
        let record = bytes.load(as: stall_sample.self)
        thread = record.thread
        pid = record.pid
        tid = record.tid
        from = record.from
        to = record.to
        sample = ThreadSample(record)
        waits = used(record.waits, as: stall_wait.self) {
            $0.key.thread == 0 ? nil : WaitRecord(key: $0.key, value: $0.value)
        }
        occupants = used(record.occupants, as: stall_occupant.self) {
            $0.key.thread == 0
                ? nil : OccupantRecord(key: $0.key, total: $0.total, count: $0.count, comm: $0.comm)
        }
        state =
            switch UInt32(record.state) {
            case STALL_STATE_ON_CPU.rawValue: .onCPU
            case STALL_STATE_RUN_QUEUE.rawValue, STALL_STATE_RUN_QUEUE_WOKEN.rawValue: .runQueue
            case STALL_STATE_WAKING.rawValue: .waking
            case STALL_STATE_BLOCKED.rawValue: .blocked
            default: .unknown
            }
        waiting = state == .blocked ? WaitSubject(record.waiting) : nil
        spell = state == .unknown || state == .onCPU ? nil : OpenSpell(record)
        carried =
            record.carried == 0
            ? nil
            : WaitOutcome(
                waker: Waker(
                    kind: WakerKind(rawValue: UInt8(truncatingIfNeeded: record.carried_waker_kind))
                        ?? .unknown,
                    pid: record.carried_waker_pid, tid: record.carried_waker_tid,
                    comm: text(record.carried_waker_comm)),
                member: Int64(record.carried_member),
                timedOut: record.carried_flags & STALL_WAIT_TIMED_OUT.rawValue != 0)
        exitCode = record.final == 0 ? nil : record.exit_code
    }
}

/// How a wait ended.
public struct WaitOutcome: Sendable, Equatable {
    public var waker: Waker
    /// As in ``WaitSample/member``.
    public var member: Int64
    public var timedOut: Bool

    public init(waker: Waker, member: Int64 = 0, timedOut: Bool = false) {
        self.waker = waker
        self.member = member
        self.timedOut = timedOut
    }
}

/// Run-queue time of one thread that has its occupant in common; `cgroup` is not known yet.
public struct OccupantRecord: Sendable {
    public var sample: OccupantSample

    init(key: stall_occupant_key, total: UInt64, count: UInt64, comm: some BitwiseCopyable) {
        sample = OccupantSample(
            occupant: Occupant(rawKind: key.kind, pid: key.pid, tid: key.tid, comm: text(comm)),
            count: count, total: total)
    }
}

/// Waits of one thread that have subject and waker in common.
public struct WaitRecord: Sendable {
    public var wait: WaitSample

    init(key: stall_wait_key, value: stall_wait_total) {
        let kind = WakerKind(rawValue: key.waker_kind) ?? .unknown
        wait = WaitSample(
            subject: WaitSubject(key),
            waker: kind == .thread
                ? Waker(kind: kind, pid: key.waker_pid, tid: key.waker_tid, comm: text(value.waker_comm))
                : Waker(kind: kind),
            member: Int64(key.member), timedOut: UInt32(key.flags) & STALL_WAIT_TIMED_OUT.rawValue != 0,
            count: value.count, total: value.total, longest: value.max, lengths: histogram(value.hist))
    }
}

extension Occupant {
    /// - Parameter rawKind: an `enum stall_occupant_kind`.
    init(rawKind: UInt8, pid: UInt32, tid: UInt32, comm: String) {
        let isFree = UInt32(rawKind) == STALL_OCCUPANT_FREE.rawValue
        self.init(
            kind: isFree ? .quota : OccupantKind(rawValue: rawKind) ?? .unknown, pid: pid, tid: tid,
            comm: comm,
            isSupposed: isFree)
    }
}

extension WaitSubject {
    init(_ key: stall_wait_key) {
        let flags = UInt32(key.flags)
        self.init(
            kind: WaitKind(rawValue: key.kind) ?? .other, syscall: key.syscall,
            direction: WaitDirection(rawValue: key.direction) ?? .none,
            isUninterruptible: flags & STALL_WAIT_UNINTERRUPTIBLE.rawValue != 0,
            isIO: flags & STALL_WAIT_IO.rawValue != 0,
            resource: Int64(key.resource), device: key.device)
    }
}

extension ThreadSample {
    init(_ record: stall_sample) {
        self.init()
        alive = record.to &- record.from
        onCPU = record.on_cpu
        waking = record.waking
        runQueue = record.run_queue
        stolen = record.stolen
        interruptible = record.interruptible
        uninterruptible = record.uninterruptible
        ioWait = record.io_wait
        voluntarySwitches = UInt64(record.voluntary_switches)
        involuntarySwitches = UInt64(record.involuntary_switches)
        wakeups = UInt64(record.wakeups)
        waitsWithoutWaker = UInt64(record.waits_without_waker)
        missedSwitches = UInt64(record.missed_switches)
        migrations = UInt64(record.migrations)
        minorFaults = UInt64(record.minor_faults)
        majorFaults = UInt64(record.major_faults)
        bursts = UInt64(record.bursts)
        burstTotal = record.burst_total
        longestBurst = record.burst_max
        burstLengths = histogram(record.burst_hist)
        wakeGaps = UInt64(record.wake_gaps)
        wakeGapTotal = record.wake_gap_total
        wakeGapLengths = histogram(record.wake_gap_hist)
        wakings = UInt64(record.wakings)
        longestWaking = record.waking_max
        wakingLengths = histogram(record.waking_hist)
        runQueues = UInt64(record.run_queues)
        longestRunQueue = record.run_queue_max
        runQueueLengths = histogram(record.run_queue_hist)
        kernelOnCPU = record.kernel_on_cpu
        kernelRunQueue = record.kernel_run_queue
    }
}

/// `slots` is a C array of `STALL_HIST_SLOTS` counts, of which most are zero: a storm of short threads brings
/// thousands of them, so the empty ends are passed over without looking at them one by one as elements.
func histogram<Slots: BitwiseCopyable>(_ slots: Slots) -> Histogram {
    withUnsafeBytes(of: slots) { bytes in
        let counts = bytes.bindMemory(to: UInt32.self)
        guard let place = counts.baseAddress else { return Histogram() }
        var used = counts.count
        while used > 0, place[used - 1] == 0 { used -= 1 }
        return used == 0 ? Histogram() : Histogram(counts: UnsafeBufferPointer(start: place, count: used))
    }
}

/// The elements of a C array that are in use.
private func used<Elements: BitwiseCopyable, Element: BitwiseCopyable, Value>(
    _ elements: Elements, as type: Element.Type, _ take: (Element) -> Value?
) -> [Value] {
    withUnsafeBytes(of: elements) { bytes in
        let all = bytes.bindMemory(to: Element.self)
        guard let place = all.baseAddress else { return [] }
        var values: [Value] = []
        var index = 0
        while index < all.count {
            if let value = take(place[index]) { values.append(value) }
            index += 1
        }
        return values
    }
}
