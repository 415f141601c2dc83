import Diagnosis
import Foundation
import Model
import Testing

@testable import Render

@Suite struct DiagnosisRenderTests {
    private static let second: UInt64 = 1_000_000_000

    /// A thread that waits for a lock whose holder sleeps, each second.
    private func evidence() -> Evidence {
        var lock = Resource(
            id: 1, kind: .futex, identity: "1", name: "futex lock\u{1b}[31m", since: 0, pid: 10)
        lock.path = ""
        var builder = EvidenceBuilder(
            threads: [
                ThreadFacts(
                    id: 1, pid: 10, tid: 10, comm: "main", processComm: "app", knownTo: 20 * Self.second),
                ThreadFacts(
                    id: 2, pid: 10, tid: 11, comm: "holder", processComm: "app", knownTo: 20 * Self.second),
            ], resources: [lock], slices: [IntervalSlice(from: 0, to: 20 * Self.second)])
        for round in 0..<20 as Range<UInt64> {
            builder.add(
                Interval(
                    thread: 1, left: round * Self.second + 1000, woken: (round + 1) * Self.second,
                    ran: (round + 1) * Self.second, wait: WaitSubject(kind: .futex, resource: 1),
                    waker: Waker(kind: .thread, pid: 10, tid: 11, comm: "holder"), wakerThread: 2))
            builder.add(
                Interval(
                    thread: 2, left: round * Self.second + 2000, woken: (round + 1) * Self.second - 1000,
                    ran: (round + 1) * Self.second - 1000, wait: WaitSubject(kind: .sleep),
                    waker: Waker(kind: .timer)))
        }
        return builder.finish()
    }

    @Test func theTextBeginsWithTheVerdictAndShowsTheWay() throws {
        let evidence = evidence()
        let findings = Diagnoser(evidence, entryThreads: [0]).diagnose()
        let text = DiagnosisText.render(findings, evidence)
        let lines = text.split(separator: "\n")
        #expect(
            lines.first?.hasPrefix("app (pid 10), thread 11 sleeps by design while others wait for it")
                == true)
        #expect(text.contains("How it reaches the service"))
        #expect(text.contains("main/10 waited for futex lock"))
        #expect(!text.contains("\u{1b}"))
        #expect(text.contains("►"))
    }

    @Test func theJSONHasWhatItsDocumentationSays() throws {
        let evidence = evidence()
        let findings = Diagnoser(evidence, entryThreads: [0]).diagnose()
        let text = try DiagnosisJSON.render(findings, evidence, recording: "a.stall")
        let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(json["schema"] as? String == "stallscope.diagnosis.1")
        let verdict = try #require(json["verdict"] as? [String: Any])
        #expect(verdict["class"] as? String == "sleep")
        let causes = try #require(json["causes"] as? [[String: Any]])
        let cause = causes[try #require(verdict["cause"] as? Int)]
        #expect(cause["via"] as? String == "futex")
        let culprit = try #require(cause["culprit"] as? [String: Any])
        #expect(culprit["tid"] as? Int == 11 && culprit["comm"] as? String == "app")
        let path = try #require(cause["path"] as? [[String: Any]])
        #expect(
            path.first?["wait_kind"] as? String == "futex" && path.first?["waker"] as? String == "holder/11")
        for member in ["entry_threads", "window", "coverage"] { #expect(json[member] != nil) }
        let coverage = try #require(json["coverage"] as? [String: Any])
        #expect((coverage["unattributed_share"] as? Double ?? 1) < 0.05)
    }
}
