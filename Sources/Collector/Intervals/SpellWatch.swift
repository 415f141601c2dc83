import Glibc
import Model
import Probes

/// Has the kernel side keep single spells off the CPU, and notes in which slices of the time all of them are.
struct SpellWatch {
    private let plane: KernelPlane
    private let interval: UInt64
    private(set) var clock = SchedulerClock()
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
        Self.compare(&clock, plane)
        let now = Clock.bootTime()
        let start = clock.scheduler(boot: now)
        clock.add(scheduler: start, wall: now &+ wallOffset)
        sampler = IntervalSampler(budget: options.intervalBudget, at: start)
        // Of both settings that the kernel side has, so that it does not matter which is the newer.
        for _ in 0..<2 { plane.apply(sampler.setting, allowance: sampler.firstAllowance(interval: interval)) }
    }

    /// Now and then within a tick: a burst that has ended the slices does not end them for the rest of a long one.
    mutating func look() {
        clock.note(offset: plane.clockOffset)
        if plane.slicesState().isOver { moveSlices(at: schedulerTime(), rate: nil) }
    }

    private func schedulerTime() -> UInt64 { clock.scheduler(boot: Clock.bootTime()) }

    /// They are compared when this thread is given a CPU: some times in a row, since all times of a tick are stretched by
    /// what is wrong at its ends.
    private static func compare(_ clock: inout SchedulerClock, _ plane: KernelPlane) {
        for _ in 0..<8 {
            usleep(20)
            clock.note(offset: plane.clockOffset)
        }
    }

    /// - Parameters:
    ///   - now: `CLOCK_BOOTTIME`, `wall` the same moment by the wall clock, which was set by `step` since the last tick.
    ///   - rate: spells a second in this tick, kept ones or not.
    /// - Returns: the same moment by the scheduler's clock.
    mutating func endTick(at now: UInt64, wall: UInt64, step: Int64, rate: Double) -> UInt64 {
        Self.compare(&clock, plane)
        let end = clock.scheduler(boot: now)
        clock.add(scheduler: end, wall: wall, step: step)
        moveSlices(at: end, rate: rate)
        return end
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
            sampler.applied(at: schedulerTime())
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
