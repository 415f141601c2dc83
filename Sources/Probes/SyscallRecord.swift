import BPF
import Model
import ProbeRecords

extension SyscallSample {
    init(key: stall_call_key, sums: stall_call_sums) {
        self.init(syscall: key.syscall, operation: FutexOperation(rawValue: key.operation) ?? .none)
        calls = sums.calls
        errors = sums.errors
        positive = sums.positive
        total = sums.total
        longest = sums.max
        moved = sums.moved
        lengths = histogram(sums.hist)
    }
}

extension TrafficSample {
    init(key: stall_traffic_key, sums: stall_traffic_sums) {
        self.init(
            resource: Int64(key.resource), direction: WaitDirection(rawValue: key.direction) ?? .none,
            calls: sums.calls, bytes: sums.bytes)
    }
}

extension KernelPlane {
    /// Whether system calls are counted; not if the kernel lacks what that takes, though they were asked for.
    public var tellsSyscalls: Bool {
        calls != nil
            && !missingHooks.contains { missing in
                Hook.syscalls.contains { $0.program == missing.program }
            }
    }

    /// System calls of the tick that ended last, by the kernel side's id of their thread.
    public func takeSyscalls(_ receive: (UInt32, SyscallSample) -> Void) throws(BPFError) {
        try calls?.drain(tick: endedTick) { key, sums in
            receive(key.thread, SyscallSample(key: key, sums: sums))
        }
    }

    /// What they moved through sockets and pipes.
    public func takeTraffic(_ receive: (UInt32, TrafficSample) -> Void) throws(BPFError) {
        try traffic?.drain(tick: endedTick) { key, sums in
            receive(key.thread, TrafficSample(key: key, sums: sums))
        }
    }
}
