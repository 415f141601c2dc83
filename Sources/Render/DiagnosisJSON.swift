import Diagnosis
import Foundation
import Model

/// A diagnosis as JSON.  The shape is documented in docs/diagnosis.md: members are added, never changed, as long as
/// `schema` stays the same.  Durations are nanoseconds, times nanoseconds since the Unix epoch, shares 0 to 1.
public enum DiagnosisJSON {
    public static let schema = "stallscope.diagnosis.1"

    /// - Throws: `EncodingError`.
    /// - Parameter kpi: metrics that move with the application's own KPI, if there is one.
    public static func render(
        _ findings: Findings, _ evidence: Evidence, recording: String, kpi: KPIRanking? = nil
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let bytes = try encoder.encode(Document(findings, evidence, recording, kpi))
        return JSONText.harmless(String(decoding: bytes, as: UTF8.self)) + "\n"
    }
}

private struct Document: Encodable {
    var schema = DiagnosisJSON.schema
    var recording: String
    var verdict: VerdictPart
    var causes: [CausePart]
    var entryThreads: [EntryPart]
    var window: StretchPart
    var baseline: StretchPart?
    var coverage: CoveragePart
    var kpi: [KPIPart]?

    init(_ findings: Findings, _ evidence: Evidence, _ recording: String, _ kpi: KPIRanking?) {
        self.recording = recording
        verdict = VerdictPart(findings)
        causes = findings.causes.map(CausePart.init)
        entryThreads = findings.entryThreads.map { EntryPart($0, evidence.threads[Int($0.thread)]) }
        window = StretchPart(findings.window)
        baseline = findings.baseline.map(StretchPart.init)
        coverage = CoveragePart(findings.coverage)
        self.kpi = kpi?.findings.prefix(100).map(KPIPart.init)
    }
}

private struct VerdictPart: Encodable {
    var `class`, summary: String
    var confidence: Double
    var reasons: [String]
    /// Index into `causes`.
    var cause: Int?

    init(_ findings: Findings) {
        let chosen = findings.verdict.map { findings.causes[$0] }
        `class` = chosen?.kind.rawValue ?? "none"
        confidence = chosen?.confidence ?? 1
        (summary, reasons, cause) = (findings.summary, findings.reasons, findings.verdict)
    }
}

private struct CausePart: Encodable {
    var `class`, via: String
    var share, confidence: Double
    var timeNs: UInt64
    var addedPerUnitNs: Double?
    var culprit: CulpritPart
    var path: [StepPart]

    init(_ cause: Cause) {
        (`class`, via, share, confidence) = (cause.kind.rawValue, cause.via, cause.share, cause.confidence)
        (timeNs, addedPerUnitNs) = (cause.time, cause.addedPerUnit)
        culprit = CulpritPart(cause.culprit)
        path = cause.path.map(StepPart.init)
    }
}

private struct CulpritPart: Encodable {
    var kind: String
    var pid, tid: UInt32?
    var comm, cmdline, cgroup, container, endpoint, device: String?

    init(_ culprit: Culprit) {
        (kind, pid, tid, comm) = (culprit.kind, culprit.pid, culprit.tid, culprit.comm)
        (cmdline, cgroup, container) = (culprit.commandLine, culprit.cgroup, culprit.container)
        (endpoint, device) = (culprit.endpoint, culprit.device)
    }
}

private struct StepPart: Encodable {
    var thread, waitKind: String
    var resource, waker: String?
    var share: Double

    init(_ step: PathStep) {
        (thread, waitKind, resource) = (step.thread, step.waitKind, step.resource)
        (waker, share) = (step.waker, step.share)
    }
}

private struct EntryPart: Encodable {
    var pid, tid: UInt32
    var comm, process, service: String
    var seenNs, idleNs, onCpuNs: UInt64
    var units: Int

    init(_ entry: EntryThread, _ facts: ThreadFacts) {
        (pid, tid, comm, process) = (facts.pid, facts.tid, facts.comm, facts.processComm)
        (service, units) = (entry.service.rawValue, entry.units)
        (seenNs, idleNs, onCpuNs) = (entry.seen, entry.idle, entry.onCPU)
    }
}

private struct StretchPart: Encodable {
    var fromNs, toNs: UInt64
    /// `from_ns` and `to_ns` of each.
    var parts: [[String: UInt64]]
    var unitsPerSecond, busy: Double
    var servicePerUnitNs: Double?

    init(_ stretch: Stretch) {
        (fromNs, toNs, busy) = (stretch.from, stretch.to, stretch.busy)
        // The keys of a dictionary are written as they are.
        parts = stretch.parts.map { ["from_ns": $0.lowerBound, "to_ns": $0.upperBound] }
        (unitsPerSecond, servicePerUnitNs) = (stretch.unitsPerSecond, stretch.servicePerUnit)
    }
}

private struct KPIPart: Encodable {
    var metric, subject: String
    var correlation, falseDiscoveryRate, meanWhenBad, meanWhenGood: Double
    var higherWhenBad: Double?

    init(_ finding: KPIFinding) {
        (metric, subject, correlation) = (finding.metric, finding.subject, finding.correlation)
        (falseDiscoveryRate, higherWhenBad) = (finding.falseDiscoveryRate, finding.higherWhenBad)
        (meanWhenBad, meanWhenGood) = (finding.meanWhenBad, finding.meanWhenGood)
    }
}

private struct CoveragePart: Encodable {
    var intervals, recordedIntervals: Int
    var seenShare, unattributedShare: Double
    var lost: UInt64

    init(_ coverage: Coverage) {
        (intervals, recordedIntervals, seenShare) = (coverage.spells, coverage.recorded, coverage.seen)
        (unattributedShare, lost) = (coverage.unattributed, coverage.lost)
    }
}
