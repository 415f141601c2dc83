import Model

/// `struct taskstats` of one thread or process, as linux/taskstats.h of the kernel's version lays it out.
public struct TaskStatistics: Sendable, Equatable {
    /// Grows with the fields that the kernel has added.
    public var version: UInt16
    public var tid: UInt32
    /// 0 before version 12, and of a whole process.
    public var pid: UInt32
    public var parentPID: UInt32
    public var uid: UInt32
    public var comm: String
    /// In the form of `wait(2)`.
    public var exitCode: Int32
    /// Nanoseconds since its beginning.
    public var elapsed: UInt64
    /// Since its beginning.
    public var counters: TaskCounters

    init(tid: UInt32, exitCode: Int32, counters: TaskCounters) {
        (version, self.tid, self.exitCode, self.counters) = (16, tid, exitCode, counters)
        (pid, parentPID, uid, comm, elapsed) = (0, 0, 0, "", 0)
    }

    /// - Returns: nil of a version before 10 (Linux 5.5), or if `bytes` end too early for its version.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2 else { return nil }
        let version = bytes.loadUnaligned(as: UInt16.self)
        guard let layout = TaskStatisticsLayout(version: version), bytes.count >= layout.size else {
            return nil
        }
        func number(_ place: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) }
        func small(_ place: Int) -> UInt32 { bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self) }
        func delay(_ place: Int?) -> TaskDelay? {
            place.map { TaskDelay(count: number($0), total: number($0 + 8)) }
        }
        self.version = version
        tid = small(layout.tid)
        pid = layout.pid.map(small) ?? 0
        parentPID = small(layout.tid + 4)
        uid = small(layout.uid)
        comm = String(decoding: bytes[layout.comm..<(layout.comm + 32)].prefix { $0 != 0 }, as: UTF8.self)
        exitCode = Int32(bitPattern: small(4))
        // Microseconds.
        elapsed = number(layout.elapsed) &* 1000
        counters = TaskCounters(
            cpu: delay(layout.cpu) ?? TaskDelay(), runReal: number(layout.runReal),
            runVirtual: number(layout.runReal + 8), voluntary: number(layout.switches),
            involuntary: number(layout.switches + 8), readBytes: number(layout.readBytes),
            writtenBytes: number(layout.readBytes + 8),
            delays: TaskDelays(
                blockIO: delay(layout.blockIO) ?? TaskDelay(), swapIn: delay(layout.swapIn) ?? TaskDelay(),
                reclaim: delay(layout.reclaim) ?? TaskDelay(),
                thrashing: delay(layout.thrashing) ?? TaskDelay(), compaction: delay(layout.compaction),
                writeProtectCopy: delay(layout.writeProtectCopy), interrupts: delay(layout.interrupts)))
    }
}

/// Where a version of `struct taskstats` keeps what; nil: not in this version.
///
/// Versions only add fields at the end, but for 15 (Linux 6.14), which put the longest and the shortest delay beside
/// each sum; 16 (6.15) moved them to the end again.
struct TaskStatisticsLayout {
    var cpu, blockIO, swapIn, runReal, comm, uid, tid, elapsed, readBytes, switches, reclaim, thrashing: Int
    var compaction, pid, writeProtectCopy, interrupts: Int?
    /// Of all that is read.
    var size: Int

    init?(version: UInt16) {
        guard version >= 10 else { return nil }
        // Bytes that each delay before a field has more than its count and sum.
        let more = version == 15 ? 16 : 0
        (cpu, blockIO, swapIn) = (16, 32 + more, 48 + 2 * more)
        runReal = 64 + 3 * more
        comm = 80 + 3 * more
        uid = 120 + 3 * more
        tid = 128 + 3 * more
        elapsed = 144 + 3 * more
        readBytes = 248 + 3 * more
        switches = 272 + 3 * more
        reclaim = 312 + 3 * more
        thrashing = 328 + 4 * more
        size = 352 + 5 * more
        if version >= 11 { (compaction, size) = (352 + 5 * more, 368 + 5 * more) }
        if version >= 12 { (pid, size) = (368 + 6 * more, 400 + 6 * more) }
        if version >= 13 { (writeProtectCopy, size) = (400 + 6 * more, 416 + 6 * more) }
        if version >= 14 { (interrupts, size) = (416 + 7 * more, 432 + 7 * more) }
    }
}
