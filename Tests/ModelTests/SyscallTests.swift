import Testing

@testable import Model

@Suite struct SyscallTests {
    @Test func namesAreFound() {
        #expect(Syscalls.find("read").number == 0)
        #expect(Syscalls.find("futex").number == 202)
        #expect(Syscalls.find("futex_wait").number == 455)
    }

    @Test(arguments: [
        ("raed", "read"), ("futx", "futex"), ("epoll", "epoll_wait"), ("sendmsgs", "sendmsg"),
        ("pread", "pread64"),
    ])
    func ofAWrongNameTheNearestAreTold(wrong: String, meant: String) {
        let (number, nearest) = Syscalls.find(wrong)
        #expect(number == nil && nearest.contains(meant), "\(nearest)")
    }

    @Test func nothingIsNearToNonsense() {
        #expect(Syscalls.find("qqqqqqqqqqqq").nearest.isEmpty)
    }

    @Test func samplesAdd() {
        var left = SyscallSample(syscall: 0)
        (left.calls, left.total, left.longest, left.lengths) = (1, 10, 10, Histogram(counts: [1]))
        var right = left
        (right.calls, right.longest, right.moved, right.errors) = (2, 20, 5, 1)
        left += right
        #expect(left.calls == 3 && left.total == 20 && left.longest == 20 && left.moved == 5)
        #expect(left.errors == 1 && left.lengths.counts == [2])
    }
}
