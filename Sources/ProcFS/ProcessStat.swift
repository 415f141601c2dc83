import Glibc

/// What one line of `/proc/PID/stat` or `/proc/PID/task/TID/stat` says, as far as we need it.
public struct ProcessStat: Sendable, Equatable {
    /// Process id, or thread id for a thread's line.
    public var pid: UInt32
    public var comm: String
    /// As `ps` shows it: R, S, D, T, t, Z, X, I.
    public var state: Character
    public var parentPID: UInt32
    public var isKernelThread: Bool
    public var threadCount: Int
    /// Start on `CLOCK_BOOTTIME`, nanoseconds; the kernel gives it in steps of 10 ms.
    public var started: UInt64

    /// It has exited and only waits for its parent: none of its threads lives.
    public var isDead: Bool { (state == "Z" || state == "X") && threadCount <= 1 }

    /// - Parameter tickLength: nanoseconds in one clock tick of user space.
    /// - Returns: nil if `bytes` are not such a line.
    public init?(parsing bytes: [UInt8], tickLength: UInt64 = ProcessStat.tickLength) {
        // A comm may hold spaces, parentheses and line ends, so its end is the last parenthesis of all.
        guard let open = bytes.firstIndex(of: UInt8(ascii: "(")),
            let close = bytes.lastIndex(of: UInt8(ascii: ")")), open < close,
            let pid = bytes[..<open].fields.first?.decimal32
        else { return nil }
        let fields = bytes[(close + 1)...].split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        // proc(5) counts from 1 with the pid; `fields` begins with its third, the state.
        func number(_ field: Int) -> UInt64? { fields.count > field - 3 ? fields[field - 3].decimal : nil }
        guard let state = fields.first?.first, let parent = number(4), let flags = number(9),
            let threads = number(20), let started = number(22)
        else { return nil }
        self.pid = pid
        self.comm = String(decoding: bytes[(open + 1)..<close], as: UTF8.self)
        self.state = Character(UnicodeScalar(state))
        self.parentPID = UInt32(truncatingIfNeeded: parent)
        self.isKernelThread = flags & Self.kernelThreadFlag != 0
        self.threadCount = Int(truncatingIfNeeded: threads)
        self.started = started &* tickLength
    }

    /// Nanoseconds in one clock tick of user space (10 ms on all usual systems).
    public static let tickLength: UInt64 = {
        let perSecond = sysconf(Int32(_SC_CLK_TCK))
        return perSecond > 0 ? 1_000_000_000 / UInt64(perSecond) : 10_000_000
    }()

    /// `PF_KTHREAD` in the kernel's include/linux/sched.h, the same since 2.6.27.
    private static let kernelThreadFlag: UInt64 = 0x0020_0000
}
