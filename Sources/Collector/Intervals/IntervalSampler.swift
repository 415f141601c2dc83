import Model
import Probes

/// Chooses, from tick to tick, which slices of the time all spells off the CPU are kept of, so that about as many are
/// kept as the budget says.
///
/// Times are nanoseconds of the scheduler's clock.  What makes the slices complete is said at `struct stall_slices`.
struct IntervalSampler {
    /// Spells a second; nil: all.
    let budget: UInt64?
    private(set) var setting: KernelPlane.Slices
    /// The setting before, until its last slices are told, when it ended, and what is known to be lost of it.
    private var previous: (setting: KernelPlane.Slices, until: UInt64, lostSince: UInt64?)?
    /// Up to here slices have been told.
    private var told: UInt64
    /// Since when spells are counted to judge the setting, and how many had been kept by then.
    private var counted: (from: UInt64, kept: UInt64)
    /// How often the setting is still found good before its slices are moved all the same: they must not keep step with
    /// what the targets do.
    private var looksUntilMove = 0

    struct Outcome {
        /// Stretches since the last look of which all spells are kept.
        var slices: [Range<UInt64>]
        /// A spell was lost that began here.
        var lostSince: UInt64?
        /// What is to be applied.
        var next: KernelPlane.Slices?
        /// How many spells may be kept under the setting, `next` if there is one, until the next tick ends.
        var allowance: UInt64
    }

    init(budget: UInt64?, at now: UInt64) {
        self.budget = budget
        setting = SliceArithmetic.setting(share: 1, from: now, random: 0)
        told = now
        counted = (now, 0)
    }

    /// Of the setting that the recording begins with.
    func firstAllowance(interval: UInt64) -> UInt64 { allowance(kept: 0, setting, interval: interval) }

    /// Tells the slices since the last look, and chooses those of the time to come: at the end of a tick, and as soon as
    /// they have ended before that.
    ///
    /// - Parameters:
    ///   - present: what has become of ``setting``, `before`: and of the one before it.
    ///   - rate: spells a second, kept ones or not; nil if that is not known now.
    ///   - random: any number.
    mutating func look(
        at now: UInt64, interval: UInt64, present: KernelPlane.SlicesState, before: KernelPlane.SlicesState,
        rate: Double?, random: UInt64
    ) -> Outcome {
        var outcome = Outcome(slices: [], allowance: 0)
        if let last = previous {
            let end = min(now, last.until, before.closed ?? .max, before.lostSince ?? .max)
            outcome.slices += SliceArithmetic.slices(
                of: last.setting, from: max(told, last.setting.from), to: end)
            if before.lostSince != last.lostSince { outcome.lostSince = before.lostSince }
        }
        let end = min(now, present.closed ?? .max, present.lostSince ?? .max)
        outcome.slices += SliceArithmetic.slices(of: setting, from: max(told, setting.from), to: end)
        if let lost = present.lostSince {
            outcome.lostSince = min(lost, outcome.lostSince ?? .max)
            // The spell may have begun under the setting before.
            outcome.slices = outcome.slices.map { $0.clamped(to: 0..<lost) }.filter { !$0.isEmpty }
        }
        told = max(told, now)
        previous = nil

        if let share = wantedShare(at: now, present, rate: rate) {
            let next = SliceArithmetic.setting(share: share, from: now + Self.lead, random: random)
            previous = (setting, next.from, present.lostSince)
            setting = next
            counted = (next.from, 0)
            looksUntilMove = 8 + Int(random >> 32 & 7)
            outcome.next = next
        }
        outcome.allowance = allowance(
            kept: outcome.next == nil ? present.kept : 0, setting, interval: interval)
        return outcome
    }

    /// The setting was applied, and known to the kernel side no later than `now`: one that came too late was not in force
    /// from its beginning, so nothing is told of that time.
    mutating func applied(at now: UInt64) {
        if now + Self.margin > setting.from { told = max(told, now + Self.margin) }
    }

    /// From being applied to being in force.
    private static let lead: UInt64 = 5_000_000
    /// By how much the clocks of two CPUs, or ours and the scheduler's, may differ.
    private static let margin: UInt64 = 1_000_000

    /// nil: the setting stays.
    private mutating func wantedShare(
        at now: UInt64, _ state: KernelPlane.SlicesState, rate allRate: Double?
    ) -> Double? {
        guard let budget else { return state.isOver ? 1 : nil }
        let share = SliceArithmetic.share(of: setting)
        let period = UInt64(1) << setting.shift
        // So few that all can be kept.
        if share < 1, let allRate, allRate <= Double(budget) { return 1 }
        let end = min(now, state.closed ?? .max)
        let time = end > counted.from ? end - counted.from : 0
        guard state.isOver || share == 1 || time >= 2 * period else { return nil }
        // Of a period the slice is the first part: one that ends early stands for all of it.
        let judged = Double(max(time, share < 1 ? period : 1_000_000))
        let rate = Double(state.kept - min(counted.kept, state.kept)) * 1e9 / judged
        counted = (now, state.kept)
        var wanted = rate > 0 ? share * Double(budget) / rate : 1
        if wanted > share { wanted = min((wanted * share).squareRoot(), share * 4) }
        wanted = min(wanted, 1)
        if state.isOver || wanted < share * 0.75 || wanted > share * 1.33 { return wanted }
        guard share < 1 else { return nil }
        looksUntilMove -= 1
        return looksUntilMove > 0 ? nil : wanted
    }

    /// A burst may take four times the budget of a tick, or of a period if that is longer.
    private func allowance(kept: UInt64, _ setting: KernelPlane.Slices, interval: UInt64) -> UInt64 {
        guard let budget else { return .max }
        let time = Double(max(interval, 1 << setting.shift)) / 1e9
        return kept + max(1000, UInt64(4 * Double(budget) * time))
    }
}
