/// Turns times of the scheduler's clock into wall-clock times, ns.
///
/// The two run at slightly different rates, and their difference is only known at the ends of ticks.  Between those it is
/// interpolated, so that times keep their order whatever tick they are told in.
struct SchedulerClock: Sendable {
    private var points: [(scheduler: UInt64, wall: UInt64)] = []
    /// Boot time minus scheduler's clock, as last measured: each too large by what lay between the looks at the two, and
    /// some 10 us off either way where the kernel estimates the clocks of the CPUs (virtual machines).
    private var recent: [Int64] = []
    private static let kept = 64

    /// - Parameter offset: 0: not known yet.
    mutating func note(offset: UInt64) {
        if offset == 0 { return }
        let offset = Int64(bitPattern: offset)
        // The scheduler's clock does not count a suspend: what was known before it is wrong after.
        if let last = recent.last, (offset - last).magnitude > 1_000_000_000 { recent.removeAll() }
        if recent.count >= Self.kept { recent.removeFirst() }
        recent.append(offset)
    }

    /// Boot time minus scheduler's clock.
    ///
    /// The lower quartile: a single one that is too small would stretch all times of a tick, which start and end with it.
    var offset: UInt64 { recent.isEmpty ? 0 : UInt64(bitPattern: recent.sorted()[recent.count / 4]) }

    /// `CLOCK_BOOTTIME` as a time of the scheduler's clock.
    func scheduler(boot: UInt64) -> UInt64 { boot &- offset }

    /// A tick ends: both clocks at the same moment.
    ///
    /// - Parameter step: by how much the wall clock was set since the last one, which times until now do not show.
    mutating func add(scheduler: UInt64, wall: UInt64, step: Int64 = 0) {
        if step != 0, !points.isEmpty { points.append((scheduler, wall &- UInt64(bitPattern: step))) }
        points.append((scheduler, wall))
    }

    func wall(_ time: UInt64) -> UInt64 {
        guard let first = points.first, let last = points.last else { return time }
        if time < first.scheduler { return first.wall &- (first.scheduler - time) }
        if time >= last.scheduler { return last.wall &+ (time - last.scheduler) }
        let next = indexAfter(time)
        let (from, to) = (points[next - 1], points[next])
        let drift = Double(Int64(bitPattern: (to.wall &- to.scheduler) &- (from.wall &- from.scheduler)))
        let share = Double(time - from.scheduler) / Double(to.scheduler - from.scheduler)
        return from.wall &+ (time - from.scheduler)
            &+ UInt64(bitPattern: Int64((drift * share).rounded(.down)))
    }

    /// Index of the first point after `time`; there is one, and one before it.
    private func indexAfter(_ time: UInt64) -> Int {
        // Nearly always it is the last.
        var (low, high) = (1, points.count - 1)
        if points[high - 1].scheduler <= time { return high }
        while low < high {
            let middle = (low + high) / 2
            if points[middle].scheduler <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
