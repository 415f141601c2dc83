import Diagnosis
import Render

/// A diagnosis in the page's own shape.
enum VerdictPart {
    static func verdict(_ run: PageSource.DiagnosisPart, origin: UInt64) -> PageDocument.Verdict {
        let (findings, evidence) = (run.findings, run.evidence)
        return PageDocument.Verdict(
            summary: findings.summary, reasons: findings.reasons, hasBottleneck: findings.verdict != nil,
            window: stretch(findings.window, origin: origin),
            baseline: findings.baseline.map { stretch($0, origin: origin) },
            causes: findings.causes.map(cause), cause: findings.verdict,
            entries: findings.entryThreads.map { entry in
                let facts = evidence.threads[Int(entry.thread)]
                return PageDocument.Entry(
                    name: "\(facts.comm)/\(facts.tid)", process: "\(facts.processComm)/\(facts.pid)",
                    service: entry.service.rawValue, seen: entry.seen, idle: entry.idle, onCPU: entry.onCPU,
                    units: entry.units)
            },
            spells: findings.coverage.spells, recorded: findings.coverage.recorded,
            seen: findings.coverage.seen, unattributed: findings.coverage.unattributed,
            lost: findings.coverage.lost)
    }

    static func composition(_ composition: Composition, origin: UInt64) -> PageDocument.CompositionPart {
        PageDocument.CompositionPart(
            start: Double(composition.start) - Double(origin), width: composition.width,
            bins: composition.bins, causes: composition.parts.map { cause($0.cause) })
    }

    private static func stretch(_ stretch: Stretch, origin: UInt64) -> PageDocument.Stretch {
        PageDocument.Stretch(
            parts: stretch.parts.map { part in
                [part.lowerBound, part.upperBound].map { Double($0) - Double(origin) }
            },
            unitsPerSecond: stretch.unitsPerSecond, busy: stretch.busy, servicePerUnit: stretch.servicePerUnit
        )
    }

    private static func cause(_ cause: Cause) -> PageDocument.CausePart {
        PageDocument.CausePart(
            id: cause.identity, class: cause.kind.rawValue, via: cause.via,
            who: DiagnosisText.name(cause.culprit), sentence: cause.sentence, share: cause.share,
            confidence: cause.confidence, added: cause.addedPerUnit,
            path: cause.path.map(DiagnosisText.sentence))
    }
}
