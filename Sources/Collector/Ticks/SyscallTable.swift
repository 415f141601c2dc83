import Model

/// The system calls of the present tick.
struct SyscallTable {
    private struct Key: Hashable {
        var thread: Int64
        var syscall: Int16
        var operation: FutexOperation
    }

    private struct TrafficKey: Hashable {
        var thread, resource: Int64
        var direction: WaitDirection
    }

    private var calls: [Key: SyscallSample] = [:]
    private var traffic: [TrafficKey: TrafficSample] = [:]

    mutating func add(_ sample: SyscallSample, of thread: Int64) {
        let key = Key(thread: thread, syscall: sample.syscall, operation: sample.operation)
        calls[key, default: SyscallSample(syscall: key.syscall, operation: key.operation)] += sample
    }

    mutating func add(_ sample: TrafficSample, of thread: Int64) {
        let key = TrafficKey(thread: thread, resource: sample.resource, direction: sample.direction)
        guard var sum = traffic[key] else {
            traffic[key] = sample
            return
        }
        sum.calls += sample.calls
        sum.bytes += sample.bytes
        traffic[key] = sum
    }

    mutating func take() -> (
        [(thread: Int64, sample: SyscallSample)], [(thread: Int64, sample: TrafficSample)]
    ) {
        defer {
            calls.removeAll(keepingCapacity: true)
            traffic.removeAll(keepingCapacity: true)
        }
        return (
            calls.map { ($0.key.thread, $0.value) }.sorted {
                ($0.thread, $0.sample.syscall) < ($1.thread, $1.sample.syscall)
            },
            traffic.map { ($0.key.thread, $0.value) }.sorted {
                ($0.thread, $0.sample.resource) < ($1.thread, $1.sample.resource)
            }
        )
    }
}
