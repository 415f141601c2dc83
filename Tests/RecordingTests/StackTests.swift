import Model
import Testing

@testable import Recording

@Suite struct StackTests {
    private static let frames: [(id: Int64, frame: StackFrame)] = [
        (
            1,
            StackFrame(
                function: "main", module: "app", address: 0x1000, offset: 4, file: "/src/app.c", line: 9)
        ),
        (2, StackFrame(function: "", module: "libx.so", address: 0x2000)),
        (3, StackFrame(function: "futex_wait", module: "kernel", address: .max - 7, isKernel: true)),
        (4, StackFrame(function: "wake", module: "app")),
    ]

    private static func wait(
        _ stack: Int64, waker: Waker = .pending, wakerStack: Int64 = 0, count: UInt64 = 0, total: UInt64,
        carried: Bool = false
    ) -> StackWaitSample {
        StackWaitSample(
            stack: stack, wakerStack: wakerStack, kind: .futex, resource: 3, waker: waker, count: count,
            total: total, longest: count * 50, isCarried: carried)
    }

    /// Thread 1 waits over two ends of ticks, and has another name in the second; thread 2 goes on waiting.
    private static func recording(_ scratch: Scratch) throws -> Recording {
        var first = Fixture.firstBatch(threads: [1, 2])
        first.frames = frames
        first.stacks = [
            CallStack(id: 1, frames: [3, 2, 1], folded: "main;libx.so+0x2000;futex_wait_[k]"),
            CallStack(id: 2, frames: [4], folded: "wake"),
        ]
        first.resources = [
            Resource(id: 3, kind: .futex, identity: "f", name: "futex turn", since: 0, pid: 100)
        ]
        first.stackWaits = [(1, wait(1, total: 10)), (2, wait(1, total: 20)), (1, wait(0, total: 5))]
        var second = Fixture.batch(2)
        second.threads = [Fixture.thread(3, thread: 1, tid: 101, comm: "renamed")]
        second.stackWaits = [(3, wait(1, total: 30)), (2, wait(1, total: 40))]
        var third = Fixture.batch(3)
        third.stackWaits = [
            (3, wait(1, waker: Fixture.peer, wakerStack: 2, count: 2, total: 7, carried: true)),
            (3, wait(1, total: 1)), (2, wait(1, total: 50)),
        ]
        return try Fixture.recording(scratch, [first, second, third])
    }

    @Test func anEndIsWrittenIntoTheTicksBefore() throws {
        let scratch = try Scratch()
        let recording = try Self.recording(scratch)
        let rows = try recording.query(
            """
            SELECT tick, tid, waker_kind, coalesce(waker_stack, '-'), coalesce(waker_tid, 0), total_ns FROM stack_waits
            WHERE stack_id = 1 ORDER BY tick, tid, total_ns
            """
        ).rows
        #expect(
            rows == [
                [.integer(1), .integer(101), .text("thread"), .text("wake"), .integer(102), .integer(10)],
                [.integer(1), .integer(102), .text("pending"), .text("-"), .integer(0), .integer(20)],
                [.integer(2), .integer(101), .text("thread"), .text("wake"), .integer(102), .integer(30)],
                [.integer(2), .integer(102), .text("pending"), .text("-"), .integer(0), .integer(40)],
                [.integer(3), .integer(101), .text("pending"), .text("-"), .integer(0), .integer(1)],
                [.integer(3), .integer(101), .text("thread"), .text("wake"), .integer(102), .integer(7)],
                [.integer(3), .integer(102), .text("pending"), .text("-"), .integer(0), .integer(50)],
            ])
    }

    @Test func framesAreThereInOrder() throws {
        let scratch = try Scratch()
        let rows = try Self.recording(scratch).query(
            "SELECT depth, function, module, file, line, is_kernel FROM stack_frames WHERE stack_id = 1 ORDER BY depth"
        ).rows
        #expect(
            rows == [
                [.integer(0), .text("futex_wait"), .text("kernel"), .null, .null, .integer(1)],
                [.integer(1), .null, .text("libx.so"), .null, .null, .integer(0)],
                [.integer(2), .text("main"), .text("app"), .text("/src/app.c"), .integer(9), .integer(0)],
            ])
    }

    @Test func totalsAddUpByStackAndWaker() throws {
        let scratch = try Scratch()
        let recording = try Self.recording(scratch)
        let totals = try recording.stackTotals()
        #expect(totals.map(\.total) == [111, 47, 5])
        #expect(totals[0].wakerKind == "pending" && totals[0].threads == 2)
        let ended = totals[1]
        #expect(ended.count == 2 && ended.longest == 100 && ended.resources == ["futex turn"])
        #expect(ended.wakerComm == "peer" && ended.wakerPID == 100 && ended.wakerStack == "wake")
        #expect(ended.frames == [Self.frames[2].frame, Self.frames[1].frame, Self.frames[0].frame])
        #expect(ended.pid == 100 && ended.kind == "futex")
        #expect(totals[2].frames.isEmpty && totals[2].stack.isEmpty)
        var filter = Filter()
        filter.tids = [102]
        #expect(try recording.stackTotals(filter).map(\.total) == [110])
    }
}
