import Foundation
import Model
import Render
import Testing

@Suite struct DoctorTests {
    private func report(missing: Bool) -> HostReport {
        HostReport(
            kernel: "6.12.1", machine: "x86_64",
            checks: [
                HostCheck("privileges", .available, isRequired: true, detail: "root", neededFor: "loading"),
                HostCheck(
                    "programs", missing ? .unavailable : .available, isRequired: true,
                    detail: missing ? "the kernel \"refused\"\u{1b}" : "loaded", neededFor: "watching",
                    remedy: "Report it."),
                HostCheck("tracepoint x", .available, neededFor: "seeing x"),
                HostCheck("counters", .unknown, detail: "who knows", neededFor: "cycles", remedy: "Ask."),
            ])
    }

    @Test func everythingRequiredMakesRecordingWork() {
        #expect(
            DoctorText.render(report(missing: false)) == """
                Linux 6.12.1, x86_64

                Required
                  yes  privileges    root
                  yes  programs      loaded

                Optional
                  yes  tracepoint x  seeing x
                  ?    counters      who knows
                                     for: cycles
                                     do:  Ask.

                Recording works.

                """)
    }

    @Test func whatIsMissingIsSaidInTheEnd() {
        let text = DoctorText.render(report(missing: true))
        #expect(text.hasSuffix("programs: the kernel \"refused\"\\u{1b}. Report it.\n"))
        #expect(text.contains("Recording does not work:"))
        #expect(text.contains("  no   programs"))
    }

    @Test(arguments: [true, false]) func jsonHasTheSame(missing: Bool) throws {
        let text = DoctorJSON.render(report(missing: missing))
        let root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        #expect(root?["recording_works"] as? Bool == !missing)
        #expect(root?["kernel"] as? String == "6.12.1")
        let checks = try #require(root?["checks"] as? [[String: Any]])
        #expect(checks.compactMap { $0["name"] as? String } == report(missing: missing).checks.map(\.name))
        #expect(checks.last?["status"] as? String == "unknown")
        #expect(checks[0]["required"] as? Bool == true)
        #expect(checks[1]["detail"] as? String == (missing ? "the kernel \"refused\"\u{1b}" : "loaded"))
    }
}
