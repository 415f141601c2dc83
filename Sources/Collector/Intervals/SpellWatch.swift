import Glibc
import Model
import Probes

/// Has the kernel side keep single spells off the CPU, and notes in which slices of the time all of them are.
struct SpellWatch {
    private let plane: KernelPlane
    private let interval: UInt64
    private(set) var clock = BootClock()
    private var sampler: IntervalSampler
    private var slices: [Range<UInt64>] = []
    private var voidSince: UInt64?

    /// Spells are kept from now on; nil if none are to be.
    ///
    /// - Parameter wallOffset: wall time minus boot time.
    init?(_ plane: KernelPlane, _ options: RecorderOptions, wallOffset: UInt64) {
        guard plane.hasIntervals else { return nil }
        self.plane = plane
        interval = options.interval
        let start = Clock.bootTime()
        clock.add(boot: start, wall: start &+ wallOffset)
        sampler = IntervalSampler(budget: options.intervalBudget, at: start)
        // Of both settings that the kernel side has, so that it does not matter which is the newer.
        for _ in 0..<2 { plane.apply(sampler.setting, allowance: sampler.firstAllowance(interval: interval)) }
    }

    /// Now and then within a tick: a burst that has ended the slices does not end them for the rest of a long one.
    mutating func look() {
        if plane.slicesState().isOver { moveSlices(at: Clock.bootTime(), rate: nil) }
    }

    /// - Parameters:
    ///   - now: `CLOCK_BOOTTIME`, `wall` the same moment by the wall clock, which was set by `step` since the last tick.
    ///   - rate: spells a second in this tick, kept ones or not.
    mutating func endTick(at now: UInt64, wall: UInt64, step: Int64, rate: Double) {
        clock.add(boot: now, wall: wall, step: step)
        moveSlices(at: now, rate: rate)
    }

    /// The slices since the last call.
    mutating func takeSlices(into batch: inout TickBatch) {
        batch.slices = slices.map {
            IntervalSlice(from: clock.wall($0.lowerBound), to: clock.wall($0.upperBound))
        }
        .filter { $0.from < $0.to }
        batch.slicesVoidSince = voidSince.map(clock.wall)
        (slices, voidSince) = ([], nil)
    }

    /// Notes the slices up to now, and has others begin if that is due.
    private mutating func moveSlices(at now: UInt64, rate: Double?) {
        let outcome = sampler.look(
            at: now, interval: interval, present: plane.slicesState(), before: plane.slicesState(back: 1),
            rate: rate,
            random: .random(in: 0...UInt64.max))
        if let next = outcome.next {
            plane.apply(next, allowance: outcome.allowance)
            sampler.applied(at: Clock.bootTime())
        } else {
            plane.allow(outcome.allowance)
        }
        if let lost = outcome.lostSince {
            slices = slices.map { $0.clamped(to: 0..<lost) }
            voidSince = min(lost, voidSince ?? .max)
        }
        slices += outcome.slices
    }
}
