import Diagnosis
import Model

/// What a diagnosis found, for a terminal: the verdict in a few lines, then what it rests on.
public struct DiagnosisText {
    private let findings: Findings
    private let evidence: Evidence
    private let top: Int
    private var lines: [String] = []

    /// - Parameter top: how many causes and entry threads to show.
    public static func render(_ findings: Findings, _ evidence: Evidence, top: Int = 8) -> String {
        var text = DiagnosisText(findings: findings, evidence: evidence, top: max(1, top))
        text.addVerdict()
        text.addCauses()
        text.addPath()
        text.addEntryThreads()
        text.addCoverage()
        return text.lines.map(TerminalText.safe).joined(separator: "\n") + "\n"
    }

    private init(findings: Findings, evidence: Evidence, top: Int) {
        (self.findings, self.evidence, self.top) = (findings, evidence, top)
    }

    private mutating func addVerdict() {
        lines.append(findings.summary)
        let window = findings.window
        lines.append("  " + Self.stretch("Looked at", window))
        if let baseline = findings.baseline { lines.append("  " + Self.stretch("Compared with", baseline)) }
        lines += findings.reasons.map { "  " + $0 }
    }

    private static func stretch(_ what: String, _ stretch: Stretch) -> String {
        let times = stretch.parts.map {
            "\(WallClock.text($0.lowerBound)) to \(WallClock.timeOfDay($0.upperBound))"
        }
        var text = "\(what) " + times.joined(separator: " and ")
        text += ": while they served, its threads were busy for \(Units.percent(stretch.busy)) of the time"
        if let service = stretch.servicePerUnit {
            let rate = Units.fixed(stretch.unitsPerSecond, stretch.unitsPerSecond < 10 ? 1 : 0)
            text += "; \(rate) pieces of work a second, \(Units.duration(UInt64(service))) each"
        }
        return text
    }

    private mutating func addCauses() {
        guard !findings.causes.isEmpty else { return }
        let hasBaseline = findings.causes.contains { $0.addedPerUnit != nil }
        var columns: [(String, TextTable.Alignment)] = [("", .left), ("SHARE", .right)]
        if hasBaseline { columns.append(("ADDED EACH", .right)) }
        columns += [("CAUSE", .left), ("VIA", .left), ("WHO OR WHAT", .left), ("SURE", .right)]
        var table = TextTable(columns, widest: 56)
        for (index, cause) in findings.causes.prefix(top).enumerated() {
            var row = [index == findings.verdict ? "►" : "", Units.percent(cause.share)]
            if hasBaseline { row.append(cause.addedPerUnit.map(Self.signed) ?? "") }
            row += [
                cause.kind.rawValue, cause.via, Self.name(cause.culprit), Units.percent(cause.confidence),
            ]
            table.add(row)
        }
        lines += ["", "Where the service time went"]
        lines += table.lines(indent: 2)
        if findings.causes.count > top { lines.append("  … and \(findings.causes.count - top) more causes") }
    }

    private static func signed(_ nanoseconds: Double) -> String {
        let text = Units.duration(UInt64(abs(nanoseconds)))
        return nanoseconds < 0 && text != "0" ? "-" + text : text
    }

    package static func name(_ culprit: Culprit) -> String {
        var parts: [String] = []
        if let device = culprit.device { parts.append(device) }
        if let comm = culprit.comm { parts.append(comm + (culprit.pid.map { "/\($0)" } ?? "")) }
        if culprit.kind == "thread", let tid = culprit.tid, tid != culprit.pid {
            parts.append("thread \(tid)")
        }
        if let endpoint = culprit.endpoint { parts.append(endpoint) }
        if culprit.kind == "cgroup" || parts.isEmpty, let cgroup = culprit.cgroup { parts.append(cgroup) }
        if let container = culprit.container { parts.append("container " + container.prefix(12)) }
        return parts.isEmpty ? culprit.kind : parts.joined(separator: ", ")
    }

    private mutating func addPath() {
        guard let verdict = findings.verdict, !findings.causes[verdict].path.isEmpty else { return }
        lines += ["", "How it reaches the service"]
        lines += findings.causes[verdict].path.map { "  " + Self.sentence($0) }
    }

    package static func sentence(_ step: PathStep) -> String {
        let place =
            step.resource.map { $0.hasPrefix(step.waitKind) ? $0 : "\(step.waitKind) \($0)" }
            ?? step.waitKind
        let ended = step.waker.map { ", which \($0) ended" } ?? ""
        return "\(step.thread) waited for \(place)\(ended)"
    }

    private mutating func addEntryThreads() {
        guard !findings.entryThreads.isEmpty else { return }
        var table = TextTable([
            ("THREAD", .left), ("PROCESS", .left), ("WORK FROM", .left), ("BUSY", .right), ("ON CPU", .right),
            ("PIECES", .right),
        ])
        let sorted = findings.entryThreads.sorted {
            $0.seen - $0.idle != $1.seen - $1.idle
                ? $0.seen - $0.idle > $1.seen - $1.idle : $0.thread < $1.thread
        }
        for entry in sorted.prefix(top) {
            let facts = evidence.threads[Int(entry.thread)]
            table.add([
                "\(facts.comm)/\(facts.tid)", "\(facts.processComm)/\(facts.pid)", entry.service.rawValue,
                Units.percent(entry.seen - entry.idle, of: entry.seen),
                Units.percent(entry.onCPU, of: entry.seen),
                Units.count(UInt64(entry.units)),
            ])
        }
        lines += ["", "Threads that serve"]
        lines += table.lines(indent: 2)
        if sorted.count > top { lines.append("  … and \(sorted.count - top) more") }
    }

    private mutating func addCoverage() {
        let coverage = findings.coverage
        let chosen =
            coverage.recorded > coverage.spells
            ? " of \(Units.count(UInt64(coverage.recorded))) recorded" : ""
        var text =
            "  \(Units.count(UInt64(coverage.spells))) spells off the CPU\(chosen), all of those in "
            + "\(Units.percent(coverage.seen)) of the time; without a cause: \(Units.percent(coverage.unattributed))"
        if coverage.lost > 0 { text += "; lost: \(coverage.lost)" }
        lines += ["", "What this rests on", text]
    }
}
