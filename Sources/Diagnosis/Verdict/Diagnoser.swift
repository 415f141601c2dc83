import Model

/// What a diagnosis is to look at.
public struct DiagnosisOptions: Sendable {
    /// Entry threads, as indices into ``Evidence/threads``; nil to find them.
    public var entryThreads: [Int32]?
    /// Nanoseconds since the Unix epoch; nil for what is found, or the whole recording.
    public var window: Range<UInt64>?
    public var baseline: Range<UInt64>?
    public init() {}
}

/// From the spells of all threads to the one cause that holds the application up.
public struct Diagnoser {
    let evidence: Evidence
    let entries: EntryThreads
    let bins: Int
    let start: UInt64
    let end: UInt64

    /// Bins of a second are short enough to find where service became worse, and long enough to hold work.
    static let width: UInt64 = 1_000_000_000

    public init(_ evidence: Evidence, entryThreads: [Int32]? = nil) {
        self.evidence = evidence
        start = evidence.slices.first?.from ?? 0
        end = evidence.slices.last?.to ?? start
        bins = Int((end - start + Self.width - 1) / Self.width)
        entries = EntryThreads(evidence, chosen: entryThreads, start: start, width: Self.width)
    }

    /// - Parameter other: another recording, whose whole is the baseline.
    public func diagnose(_ options: DiagnosisOptions = DiagnosisOptions(), against other: Diagnoser? = nil)
        -> Findings
    {
        let change =
            options.window == nil && options.baseline == nil && other == nil
            ? Segments.change(in: slowness, ratio: Judgement.leastSlowdown) : nil
        let baselineBins = options.baseline.map { [bins(of: $0)] } ?? change?.baseline ?? []
        let windowBins =
            options.window.map(bins(of:)) ?? change?.window
            ?? options.baseline.map { rest(without: bins(of: $0)) } ?? 0..<bins
        let window = Ranking(evidence, entries.ledger, [windowBins], times: [time(of: windowBins)])
        let baseline =
            other.map { Ranking($0.evidence, $0.entries.ledger, [0..<$0.bins], times: [$0.start..<$0.end]) }
            ?? (baselineBins.isEmpty
                ? nil : Ranking(evidence, entries.ledger, baselineBins, times: baselineBins.map(time(of:))))
        let stretch = time(of: windowBins)
        let judgement = Judgement(window: window, baseline: baseline?.seen == 0 ? nil : baseline)
        let finder = CulpritFinder(evidence, window: stretch)
        let causes = judgement.ranked.map { cause($0, window, judgement, finder) }
        let verdict = judgement.verdict.flatMap { chosen in judgement.ranked.firstIndex(of: chosen) }
        var findings = Findings(
            verdict: verdict, summary: "", reasons: judgement.reasons, causes: causes,
            entryThreads: entries.threads, window: summary(of: window, [stretch]),
            baseline: baseline.map { base in
                summary(of: base, other.map { [$0.start..<$0.end] } ?? baselineBins.map(time(of:)))
            },
            coverage: coverage(of: stretch, window))
        findings.summary = Sentence.summary(findings)
        return findings
    }

    /// Of each bin, how much service a piece of work took; where pieces cannot be told from one another, how little of the
    /// time was computing.
    private var slowness: [Double] {
        let hasUnits =
            entries.threads.reduce(0) { $0 + $1.units } >= entries.ledger.bins.count && !isSaturatedThroughout
        return (0..<bins).map { index in
            let bin = entries.ledger.bins[index] ?? Ledger.Bin()
            let service = Double(bin.service)
            guard service + Double(bin.idle) > 0 else { return .nan }
            if hasUnits { return (service + 1) / (Double(bin.units) + 0.5) }
            let own = bin.causes.reduce(0.0) {
                $0 + ($1.key.terminal.kind == .onCPU && $1.key.via == "self" ? Double($1.value) : 0)
            }
            return (service + Double(bin.idle)) / (own + 1e6)
        }
    }

    /// Whether hardly any second has pauses between pieces of work, by which they are counted.
    private var isSaturatedThroughout: Bool {
        let bins = entries.ledger.bins.values.filter { $0.service > 0 }
        let saturated = bins.count { Judgement.isSaturated($0.pressed / Double($0.service)) }
        return 4 * saturated >= 3 * bins.count
    }

    func cause(
        _ identity: Ranking.Identity, _ window: Ranking, _ judgement: Judgement, _ finder: CulpritFinder
    ) -> Cause {
        let group = window.groups[identity] ?? Ranking.Group()
        let path = group.paths.max { $0.time < $1.time }
        let all = group.paths.reduce(UInt64(0)) { $0 + $1.time }
        let share = window.share(identity) * Double(path?.time ?? 0) / Double(max(1, all))
        let via = path.map { evidence.via($0.hops[...]) } ?? "self"
        return Cause(
            kind: identity.kind, via: via, share: window.share(identity), time: group.time,
            addedPerUnit: judgement.addedPerUnit(identity), confidence: judgement.confidence(identity),
            culprit: finder.culprit(identity.kind, group),
            path: path.map { Sentence.steps($0.hops, share: share, evidence) } ?? [],
            identity: identity.text)
    }

    private func summary(of ranking: Ranking, _ parts: [Range<UInt64>]) -> Stretch {
        let threads = max(1, entries.threads.count)
        let seconds = Double(ranking.seen) / 1e9 / Double(threads)
        return Stretch(
            from: parts.first?.lowerBound ?? start, to: parts.last?.upperBound ?? start, parts: parts,
            unitsPerSecond: seconds == 0 ? 0 : Double(ranking.units) / seconds,
            servicePerUnit: ranking.servicePerUnit, busy: ranking.busy)
    }

    private func coverage(of stretch: Range<UInt64>, _ window: Ranking) -> Coverage {
        let seen = evidence.slices.reduce(UInt64(0)) { sum, slice in
            let (from, to) = (max(slice.from, stretch.lowerBound), min(slice.to, stretch.upperBound))
            return from < to ? sum + (to - from) : sum
        }
        let whole = stretch.upperBound - stretch.lowerBound
        return Coverage(
            spells: evidence.spells.count, recorded: max(evidence.spells.count, evidence.recordedSpells),
            seen: whole == 0 ? 0 : Double(seen) / Double(whole),
            unattributed: window.unattributed, lost: evidence.lostSpells)
    }

    private func bins(of time: Range<UInt64>) -> Range<Int> {
        let index = { (time: UInt64) in
            min(self.bins, time < self.start ? 0 : Int((time - self.start) / Self.width))
        }
        let from = index(time.lowerBound)
        return from..<max(from, index(time.upperBound))
    }

    /// After the baseline, if there is more of it; else before.
    private func rest(without baseline: Range<Int>) -> Range<Int> {
        bins - baseline.upperBound >= baseline.lowerBound
            ? baseline.upperBound..<bins : 0..<baseline.lowerBound
    }

    private func time(of bins: Range<Int>) -> Range<UInt64> {
        let from = start + UInt64(bins.lowerBound) * Self.width
        return min(from, end)..<min(start + UInt64(bins.upperBound) * Self.width, end)
    }
}
