import Diagnosis
import Model
import Recording

/// What `diagnose` would say of the last seconds.
enum VerdictLoader {
    /// Long enough to hold a baseline and what is different now, ns.
    static let window: UInt64 = 20_000_000_000
    /// Spells that are looked at: more would take a second.
    private static let most = 100_000

    /// - Parameter moment: end of the seconds, ns since the Unix epoch.
    /// - Returns: nil while no spell is known of.
    static func load(_ recording: Recording, until moment: UInt64) throws(RecordingError) -> VerdictView? {
        let evidence = try recording.evidence(
            in: moment - min(moment, window)..<moment, atMost: most)
        guard let first = evidence.slices.first, let last = evidence.slices.last else { return nil }
        let findings = Diagnoser(evidence).diagnose()
        return VerdictView(
            summary: findings.summary, isBottleneck: findings.verdict != nil, from: first.from, to: last.to)
    }
}
