import Model
import Testing

@testable import Collector

@Suite struct SyscallTableTests {
    private static func sample(_ syscall: Int16, _ operation: FutexOperation = .none) -> SyscallSample {
        var sample = SyscallSample(syscall: syscall, operation: operation)
        (sample.calls, sample.total, sample.longest) = (2, 30, 20)
        return sample
    }

    /// Two threads of the kernel side may be one in the recording, as after an execve.
    @Test func whatIsTheSameAdds() {
        var table = SyscallTable()
        table.add(Self.sample(202, .wait), of: 1)
        table.add(Self.sample(202, .wait), of: 1)
        table.add(Self.sample(202, .wake), of: 1)
        table.add(Self.sample(0), of: 2)
        table.add(TrafficSample(resource: 5, direction: .read, calls: 1, bytes: 10), of: 1)
        table.add(TrafficSample(resource: 5, direction: .read, calls: 2, bytes: 20), of: 1)
        table.add(TrafficSample(resource: 5, direction: .write, calls: 1, bytes: 7), of: 1)
        let (calls, traffic) = table.take()
        #expect(calls.map(\.thread) == [1, 1, 2])
        let waits = calls.first { $0.sample.operation == .wait }?.sample
        #expect(waits?.calls == 4 && waits?.total == 60 && waits?.longest == 20)
        #expect(traffic.count == 2)
        #expect(traffic.first { $0.sample.direction == .read }?.sample.bytes == 30)
        #expect(table.take().0.isEmpty)
    }
}
