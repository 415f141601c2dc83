import Foundation
import Model
import Recording
import Testing

@testable import Render

@Suite struct AsyncTests {
    private static func total(
        _ file: String?, _ id: Int64, _ issue: AsyncIssue, requests: UInt64, mean: UInt64
    ) -> AsyncTotal {
        var sample = AsyncSample(
            ring: issue == .aio ? 8 : 7, file: id, operation: issue == .aio ? 0 : 22, issue: issue)
        sample.requests = requests
        sample.completions = requests
        sample.total = requests * mean
        sample.longest = mean * 3
        sample.lengths = Histogram(counts: [0, UInt32(requests)])
        return AsyncTotal(
            process: 1, pid: 100, processComm: "server",
            ring: issue == .aio ? "aio context 0x7f00" : "io_uring",
            ownerPID: 100, file: file, operation: issue == .aio ? "pread" : "read", sample: sample)
    }

    private static func data() -> ReportData {
        var data = ReportTests.data()
        var busy = total("/data/a", 9, .worker, requests: 40, mean: 2_000_000)
        (busy.sample.inFlight, busy.sample.errors, busy.sample.unreaped, busy.sample.untold) = (
            13, 17, 19, 23
        )
        data.async = [
            busy, total("/data/b", 10, .inline, requests: 4, mean: 5_000_000),
            total("/data/c", 11, .inline, requests: 4, mean: 1000),
            total("/data/d", 12, .aio, requests: 6, mean: 7_000_000),
        ]
        return data
    }

    @Test func requestsAreShown() {
        let text = ReportText.render(Self.data())
        for part in [
            "Requests of io_uring", "server/100", "#7", "/data/a", "worker", "2.00 ms", "6.00 ms", "13", "17",
            "19", "23", "Requests of aio", "aio context 0x7f00", "pread", "/data/d", "7.00 ms",
        ] { #expect(text.contains(part), "\(part) is missing in\n\(text)") }
    }

    @Test func withoutAnyThereIsNoSection() {
        let text = ReportText.render(ReportTests.data())
        #expect(!text.contains("Requests of"))
    }

    @Test func theSlowestFilesOfARingAreNamed() {
        let slowest = AsyncTables.slowestFiles(Self.data().async)
        #expect(slowest[7] == "/data/b 5.00 ms, /data/a 2.00 ms")
        #expect(slowest[8] == "/data/d 7.00 ms")
        #expect(AsyncTables.slowestFiles([]).isEmpty)
    }

    @Test func jsonHasThem() throws {
        let object = try JSONSerialization.jsonObject(with: Data(try ReportJSON.render(Self.data()).utf8))
        let rings = try #require((object as? [String: Any])?["io_uring"] as? [[String: Any]])
        #expect(rings.count == 3)
        #expect(rings[0]["issued"] as? String == "worker" && rings[0]["total_ns"] as? Int == 80_000_000)
        #expect(rings[0]["in_flight"] as? Int == 13 && rings[0]["unreaped_max"] as? Int == 19)
        #expect(rings[0]["file"] as? String == "/data/a" && rings[0]["untold"] as? Int == 23)
        let aio = try #require((object as? [String: Any])?["aio"] as? [[String: Any]])
        #expect(aio[0]["operation"] as? String == "pread" && aio[0]["issued"] == nil)
        #expect(aio[0]["completions"] == nil && aio[0]["resource_id"] as? Int == 8)
    }
}
