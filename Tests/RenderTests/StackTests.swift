import Foundation
import Model
import Recording
import Testing

@testable import Render

@Suite struct StackTests {
    private static let total = StackTotal(
        process: 1, pid: 100, processComm: "server\u{1b}", threads: 2, kind: "futex",
        resources: ["futex turn", "other"],
        frames: [
            StackFrame(function: "futex_wait", module: "kernel", isKernel: true),
            StackFrame(function: "inner", module: "app", file: "/src/app.c", line: 7),
            StackFrame(function: "", module: "app", address: 0x1234),
        ], stack: "app+0x1234;inner;futex_wait_[k]", wakerKind: "thread", wakerComm: "peer", wakerPID: 101,
        wakerFrames: [StackFrame(function: "wake", module: "app")], wakerStack: "wake", count: 3,
        total: 2_000_000, longest: 900_000)

    @Test func textShowsBothStacks() {
        let text = StackReport.text([Self.total])
        for part in [
            "2.00 ms", "3 waits", "2 threads", "the longest 900 µs", "futex on futex turn and 1 more",
            "futex_wait_[k]", "inner (app) app.c:7", "app+0x1234", "woken by peer/101", "wake (app)",
        ] { #expect(text.contains(part), "\(part) is missing in\n\(text)") }
        #expect(!text.contains("\u{1b}"))
    }

    @Test func whatIsLeftOutIsSaid() {
        var pending = Self.total
        (pending.wakerKind, pending.wakerComm, pending.wakerFrames) = ("pending", nil, [])
        let text = StackReport.text([pending, pending, pending], top: 1)
        #expect(text.contains("not over yet") && text.contains("and 2 more"))
        #expect(StackReport.text([]).contains("record --stacks"))
    }

    @Test func jsonHasEveryFrame() throws {
        let object = try JSONSerialization.jsonObject(with: Data(try StackReport.json([Self.total]).utf8))
        let document = try #require(object as? [String: Any])
        #expect(document["stack_count"] as? Int == 1)
        let stack = try #require((document["stacks"] as? [[String: Any]])?.first)
        #expect(stack["total_ns"] as? Int == 2_000_000 && stack["waker_stack"] as? String == "wake")
        let frames = try #require(stack["frames"] as? [[String: Any]])
        #expect(frames[1]["function"] as? String == "inner" && frames[1]["line"] as? Int == 7)
        #expect(frames[2]["function"] == nil && frames[2]["address"] as? String == "0x1234")
        #expect(frames[0]["kernel"] as? Bool == true)
    }
}
