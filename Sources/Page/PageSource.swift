import Diagnosis
import Model
import Recording

/// What a page is made from, loaded.
struct PageSource {
    struct DiagnosisPart {
        var findings: Findings
        var evidence: Evidence
        var composition: Composition
    }

    var header: RecordingHeader
    var isFinished: Bool
    var timeline: Timeline
    var resources: [Int64: ResourceRow]
    var diagnosis: DiagnosisPart?
    /// Why there is no diagnosis.
    var noDiagnosis: String?
    var losses: [PageDocument.LossPart]

    init(_ recording: Recording) throws {
        header = recording.header
        isFinished = recording.isFinished
        timeline = try recording.timeline()
        guard !timeline.bins.isEmpty else { throw PageError.noTicks(path: recording.path) }
        resources = try recording.resources()
        let evidence = try recording.evidence()
        if evidence.slices.isEmpty {
            noDiagnosis =
                "This recording has no intervals, which a diagnosis needs: record without --intervals off, for a second "
                + "at least."
        } else {
            let diagnoser = Diagnoser(evidence)
            diagnosis = DiagnosisPart(
                findings: diagnoser.diagnose(), evidence: evidence, composition: diagnoser.composition())
        }
        var sums: [[String]: PageDocument.LossPart] = [:]
        for loss in try recording.losses() {
            sums[
                [loss.what, loss.place],
                default: PageDocument.LossPart(
                    what: loss.what, place: loss.place, advice: loss.advice, count: 0)
            ].count += loss.count
        }
        losses = sums.values.sorted { ($0.what, $0.place) < ($1.what, $1.place) }
    }
}
