/// The scheduler's own account of a thread, from `/proc/PID/task/TID/schedstat`.
public struct SchedStat: Sendable, Equatable {
    /// Nanoseconds on a CPU (`se.sum_exec_runtime`).
    public var onCPU: UInt64
    /// Nanoseconds runnable without running (`sched_info.run_delay`).
    public var runDelay: UInt64
    /// How often it was given a CPU.
    public var slices: UInt64

    public init(onCPU: UInt64, runDelay: UInt64, slices: UInt64) {
        self.onCPU = onCPU
        self.runDelay = runDelay
        self.slices = slices
    }

    /// - Returns: nil if `bytes` are not three numbers.
    public init?(parsing bytes: [UInt8]) {
        let numbers = bytes.lines.first?.fields.compactMap(\.decimal) ?? []
        guard numbers.count == 3 else { return nil }
        self.init(onCPU: numbers[0], runDelay: numbers[1], slices: numbers[2])
    }
}
