import ArgumentParser
import Diagnosis
import Recording
import Render

/// A recording opened for a diagnosis, and the findings on their way to the terminal.
struct DiagnosisRun {
    let recording: Recording
    let evidence: Evidence

    init(_ path: String) throws {
        let recording = try Recording.open(path)
        self.recording = recording
        evidence = try Patience.during("Reading \(path)") { try recording.evidence() }
        guard !evidence.slices.isEmpty else {
            throw ValidationError(
                "\(path) has no intervals, which a diagnosis needs: record without --intervals off, for a second at least."
            )
        }
    }

    /// - Throws: ExitCode 3 if there is no bottleneck.
    func show(
        _ findings: Findings, asJSON: Bool, top: Int, _ colors: ColorOptions,
        kpi: (ranking: KPIRanking, bins: [MetricBin])? = nil
    ) throws {
        if asJSON {
            Terminal.print(
                try DiagnosisJSON.render(findings, evidence, recording: recording.path, kpi: kpi?.ranking))
        } else {
            var text = DiagnosisText.render(findings, evidence, top: top)
            if let kpi { text += KPIText.render(kpi.ranking, bins: kpi.bins, top: top) }
            Terminal.print(text, colors)
        }
        if findings.verdict == nil { throw ExitCode(3) }
    }
}
