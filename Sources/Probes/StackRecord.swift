import BPF
import Model
import ProbeRecords

/// A call stack that was met for the first time: addresses of a process, or of the kernel.
public struct StackRecord: Sendable, Equatable {
    /// The kernel side's number for it.
    public var id: UInt32
    /// The process that its addresses are of; 0: the kernel.
    public var pid: UInt32
    /// Another after each execve of the process; 0: the kernel.
    public var incarnation: UInt64
    /// The innermost first: where the thread is, then where each call returns to.
    public var addresses: [UInt64]

    public var isKernel: Bool { incarnation == 0 }
    /// As many as are kept: there may be more, further out.
    public var isCut: Bool { addresses.count >= Int(STALL_STACK_FRAMES) }

    public init(id: UInt32, pid: UInt32, incarnation: UInt64, addresses: [UInt64]) {
        (self.id, self.pid, self.incarnation, self.addresses) = (id, pid, incarnation, addresses)
    }

    /// A record is as long as its frames are; nil if it is shorter than that.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let head = MemoryLayout<stall_stack>.size - Int(STALL_STACK_FRAMES) * MemoryLayout<UInt64>.size
        guard bytes.count >= head else { return nil }
        var record = stall_stack()
        withUnsafeMutableBytes(of: &record) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<head]))
        }
        let frames = UnsafeRawBufferPointer(rebasing: bytes[head...])
        guard frames.count >= Int(record.count) * MemoryLayout<UInt64>.size else { return nil }
        self.init(
            id: record.id, pid: record.pid, incarnation: record.incarnation,
            addresses: (0..<Int(record.count)).map {
                frames.loadUnaligned(fromByteOffset: $0 * MemoryLayout<UInt64>.size, as: UInt64.self)
            })
    }
}

/// Waits of one thread in one tick that have their place in the program and what ended them in common.
public struct StackWaitRecord: Sendable {
    /// Ids of ``StackRecord``, of a process and of the kernel; 0: there is none.
    public struct Stacks: Sendable, Hashable {
        public var user: UInt32
        public var kernel: UInt32

        /// What stands in for a stack that there was no room for.
        public static let lost = STALL_STACK_LOST

        public init(user: UInt32, kernel: UInt32) { (self.user, self.kernel) = (user, kernel) }
    }

    public var stacks: Stacks
    public var wakerStacks: Stacks
    public var kind: WaitKind
    public var resource: Int64
    public var waker: Waker
    public var count: UInt64
    public var total: UInt64
    public var longest: UInt64
    /// One of them began in an earlier tick.
    public var isCarried: Bool

    init(key: stall_stack_key, sums: stall_stack_sums) {
        stacks = Stacks(user: key.user, kernel: key.kernel)
        wakerStacks = Stacks(user: key.waker_user, kernel: key.waker_kernel)
        kind = WaitKind(rawValue: key.kind) ?? .other
        resource = Int64(key.resource)
        waker = Waker(
            kind: WakerKind(rawValue: key.waker_kind) ?? .unknown, pid: key.waker_pid, tid: key.waker_tid,
            comm: text(sums.waker_comm))
        (count, total, longest) = (sums.count, sums.total, sums.max)
        isCarried = sums.carried != 0
    }
}

extension KernelPlane {
    /// Whether call stacks are taken.
    public var takesStacks: Bool { stackWaits != nil }

    /// Waits by stack of the tick that ended last, with what those that go on had of it; by the kernel side's id of
    /// their thread.
    public func takeStackWaits(_ receive: (UInt32, StackWaitRecord) -> Void) throws(BPFError) {
        try settleStacks?.run()
        try stackWaits?.drain(tick: endedTick) { key, sums in
            receive(key.thread, StackWaitRecord(key: key, sums: sums))
        }
    }

    /// Forgets stacks that were not met in the last `ticks` ticks, so that the map does not fill with those of code that
    /// is gone.  One that is met again is told again, under another id.
    public func forgetStacks(unusedFor ticks: UInt32) throws(BPFError) {
        guard takesStacks else { return }
        let now = UInt32(truncatingIfNeeded: control.pointee.tick)
        var old: [UInt64] = []
        try knownStacks.forEach { key, value in
            if now &- value.tick > ticks { old.append(key) }
        }
        for key in old { knownStacks.remove(key) }
    }
}
