/// Whether there is a bottleneck, and which cause it is.
///
/// With a baseline: what added most to each piece of work, if service became at least half as long again.  Without one, or
/// where nothing changed: what takes most of the service time, if the entry threads have hardly any idle time left, or if
/// it is something that no application waits for by design.
struct Judgement {
    let window: Ranking
    let baseline: Ranking?
    /// The largest first.
    let ranked: [Ranking.Identity]
    private(set) var verdict: Ranking.Identity?
    private(set) var reasons: [String] = []

    /// Service must take this many times as long as in the baseline for anything to be wrong.
    static let leastSlowdown = 1.5
    /// Of what was added, the share that a cause must make up.
    private static let leastPart = 0.2
    /// Entry threads are saturated when at least this share of their time is service: a request then waits, where they come
    /// at random, on average more than five times as long as it takes (M/M/1: busy / (1 - busy)).
    private static let saturated = 0.85
    /// The same against a baseline, which says that service has become longer, too: three times as long.
    private static let crowded = 0.75
    /// Without a baseline, and with time to spare, a cause must take this share of the service time to be one.
    private static let dominant = 0.5
    /// Entry threads with less service than this have time for more, whatever it consists of.
    private static let occupied = 0.3

    init(window: Ranking, baseline: Ranking?) {
        self.window = window
        self.baseline = baseline
        let scale = Self.scale(window, baseline)
        ranked = window.groups.keys.sorted { left, right in
            let (first, second) = (
                Self.added(left, window, baseline, scale), Self.added(right, window, baseline, scale)
            )
            if first != second { return first > second }
            return "\(left)" < "\(right)"
        }
        judge(scale)
    }

    /// Nanoseconds more for each piece of work than in the baseline; nil if there is none, or no work began in one of the two.
    func addedPerUnit(_ identity: Ranking.Identity) -> Double? {
        guard let baseline, window.units > 0, baseline.units > 0, !Self.runsTogether(window, baseline) else {
            return nil
        }
        return Double(window.time(identity)) / Double(window.units)
            - Double(baseline.time(identity)) / Double(baseline.units)
    }

    /// How sure it is that a cause is what it seems: by how much of the service time is explained at all, and how far the
    /// cause stands out.
    func confidence(_ identity: Ranking.Identity) -> Double {
        guard identity.kind != .unattributed else { return 0 }
        let explained = 1 - window.unattributed
        let scale = Self.scale(window, baseline)
        let all = ranked.reduce(0.0) { $0 + max(0, Self.added($1, window, baseline, scale)) }
        let own = max(0, Self.added(identity, window, baseline, scale))
        return max(0, min(1, explained * (all == 0 ? 0 : own / all)))
    }

    static func isSaturated(_ busy: Double) -> Bool { busy >= saturated }

    /// Threads that always have something to do go on to the next piece of work without a pause: pieces are counted by the
    /// pauses, so in both stretches many are counted as one.
    private static func runsTogether(_ window: Ranking, _ baseline: Ranking) -> Bool {
        isSaturated(window.busy) && isSaturated(baseline.busy)
    }

    /// By how much the baseline's times must be multiplied to be those of as much work as was done in the window.  Work is
    /// counted by its pieces; where they cannot be told from one another, by what the entry threads computed themselves.
    private static func scale(_ window: Ranking, _ baseline: Ranking?) -> Double {
        guard let baseline else { return 0 }
        if countsPieces(window, baseline) { return Double(window.units) / Double(baseline.units) }
        if countsComputing(window, baseline) {
            return Double(window.ownComputing) / Double(max(1, baseline.ownComputing))
        }
        return Double(window.seen) / Double(max(1, baseline.seen))
    }

    private static func countsPieces(_ window: Ranking, _ baseline: Ranking) -> Bool {
        window.units >= 5 && baseline.units >= 5 && !runsTogether(window, baseline)
    }

    private static func countsComputing(_ window: Ranking, _ baseline: Ranking) -> Bool {
        let isWithoutPieces = window.units < 5 && baseline.units < 5
        return (isWithoutPieces || runsTogether(window, baseline)) && window.ownComputing > 0
            && baseline.ownComputing > 0
    }

    private static func added(
        _ identity: Ranking.Identity, _ window: Ranking, _ baseline: Ranking?, _ scale: Double
    ) -> Double {
        Double(window.time(identity)) - scale * Double(baseline?.time(identity) ?? 0)
    }

    private mutating func judge(_ scale: Double) {
        guard window.service > 0 else {
            reasons.append("The entry threads had nothing to do.")
            return
        }
        if let baseline, judgeAgainst(baseline, scale) { return }
        judgeAlone()
    }

    /// Whether service became so much worse that something must be wrong.
    private mutating func judgeAgainst(_ baseline: Ranking, _ scale: Double) -> Bool {
        let expected = scale * Double(baseline.service)
        let slowdown = Double(window.service) / max(1, expected)
        let work =
            Self.countsComputing(baseline, window) ? "The same amount of computing" : "Each piece of work"
        reasons.append("\(work) took \(Sentence.factor(slowdown)) times as long as in the baseline.")
        guard slowdown >= Self.leastSlowdown else { return false }
        let whole = Double(window.service) - expected
        let isOwnFault = isOwnFault(baseline)
        let candidate = ranked.first { $0.kind != .unattributed && (!$0.isOwn || isOwnFault) }
        guard let candidate,
            Self.added(candidate, window, baseline, scale) >= whole * Self.leastPart
        else { return false }
        // Where all takes longer, as on a CPU that became slower, what is no fault must not make up the slowdown.
        let excused = isOwnFault ? 0 : addedByOwnComputing(baseline, scale)
        guard Double(window.service) - excused >= expected * Self.leastSlowdown else { return false }
        verdict = candidate
        return true
    }

    /// More computing of the entry threads themselves is a fault if they have no time left, or compute more for no more work.
    /// Where more work comes they take several pieces at a time, which makes the pieces longer and does no harm.
    private func isOwnFault(_ baseline: Ranking) -> Bool {
        if window.busy >= Self.crowded { return true }
        let rate = Double(window.units) / Double(max(1, window.seen))
        let before = Double(baseline.units) / Double(max(1, baseline.seen))
        let each = Double(window.ownComputing) / Double(max(1, window.units))
        let eachBefore = Double(baseline.ownComputing) / Double(max(1, baseline.units))
        return rate <= before * 1.1 && each >= eachBefore * 2
    }

    private func addedByOwnComputing(_ baseline: Ranking, _ scale: Double) -> Double {
        ranked.filter(\.isOwn).reduce(0) { $0 + max(0, Self.added($1, window, baseline, scale)) }
    }

    private mutating func judgeAlone() {
        guard
            let first = ranked.filter({ $0.kind != .unattributed }).max(by: {
                window.time($0) < window.time($1)
            })
        else { return }
        let share = window.share(first)
        reasons.append(
            "The entry threads served for \(Sentence.percent(window.busy)) of their time, \(Sentence.percent(share)) of it "
                + "with the largest cause.")
        if window.busy >= Self.saturated {
            reasons.append("They have no time left.")
            verdict = first
            return
        }
        guard share >= Self.dominant, !first.isOwn else { return }
        switch first.kind {
        case .cpuContention, .cpuQuota, .cpuSteal, .memory, .deadlock, .network, .ioThrottle:
            if window.busy >= Self.occupied { verdict = first }
        case .onCPU, .wakeupLatency, .blockDevice, .remoteEndpoint, .client, .sleep:
            if window.busy >= Self.dominant { verdict = first }
        case .unattributed: break
        }
    }
}
