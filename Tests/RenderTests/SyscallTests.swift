import Foundation
import Model
import Testing

@testable import Recording
@testable import Render

@Suite struct SyscallTests {
    private static func data() -> ReportData {
        var data = ReportTests.data()
        func total(_ syscall: String, _ operation: String?, positive: UInt64, moved: UInt64) -> SyscallTotal {
            SyscallTotal(
                process: 1, thread: 1, pid: 100, tid: 101, comm: "worker", processComm: "server",
                syscall: syscall, operation: operation, calls: 20, errors: 3, positive: positive,
                total: 80_000, longest: 9000, moved: moved, lengths: Histogram(counts: [0, 20]))
        }
        data.syscalls = [
            total("recvfrom", nil, positive: 17, moved: 3 << 20),
            total("futex", "wake", positive: 5, moved: 6),
        ]
        data.traffic = [
            TrafficTotal(
                process: 1, pid: 100, processComm: "server", resourceID: 7, resource: "pipe:[7]",
                readCalls: 4, readBytes: 4096, writeCalls: 2, writeBytes: 1 << 20)
        ]
        return data
    }

    @Test func callsAndBytesAreShown() {
        let text = ReportText.render(Self.data())
        for part in [
            "System calls", "recvfrom", "3.00 MiB", "4.00 µs", "9.00 µs", "futex wake",
            "6 in 5, nobody in 12", "256 ns ▕█▏ 512 ns", "server/100", "pipe:[7]", "4.00 KiB", "1.00 MiB",
        ] { #expect(text.contains(part), "\(part) is missing in\n\(text)") }
    }

    @Test func whatWasNotRecordedIsLeftOut() {
        let text = ReportText.render(ReportTests.data())
        #expect(!text.contains("System calls") && !text.contains("Sockets and pipes"))
    }

    @Test func jsonHasThem() throws {
        let object = try JSONSerialization.jsonObject(with: Data(try ReportJSON.render(Self.data()).utf8))
        let calls = try #require((object as? [String: Any])?["system_calls"] as? [[String: Any]])
        #expect(calls[0]["syscall"] as? String == "recvfrom" && calls[0]["bytes"] as? Int == 3 << 20)
        #expect(calls[0]["operation"] == nil && calls[0]["woken"] == nil)
        #expect(calls[1]["wakes_of_nobody"] as? Int == 12 && calls[1]["woken"] as? Int == 6)
        let transfers = try #require((object as? [String: Any])?["transfers"] as? [[String: Any]])
        #expect(transfers[0]["write_bytes"] as? Int == 1 << 20)
    }
}
