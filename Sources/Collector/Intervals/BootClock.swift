/// Turns times of `CLOCK_BOOTTIME`, which the kernel side uses, into wall-clock times, ns.
///
/// The two run at slightly different rates, and their difference is only known at the ends of ticks.  Between those it is
/// interpolated, so that times keep their order whatever tick they are told in.
struct BootClock: Sendable {
    private var points: [(boot: UInt64, wall: UInt64)] = []

    /// A tick ends: both clocks at the same moment.
    ///
    /// - Parameter step: by how much the wall clock was set since the last one, which times until now do not show.
    mutating func add(boot: UInt64, wall: UInt64, step: Int64 = 0) {
        if step != 0, !points.isEmpty { points.append((boot, wall &- UInt64(bitPattern: step))) }
        points.append((boot, wall))
    }

    func wall(_ time: UInt64) -> UInt64 {
        guard let first = points.first, let last = points.last else { return time }
        if time < first.boot { return first.wall &- (first.boot - time) }
        if time >= last.boot { return last.wall &+ (time - last.boot) }
        let next = indexAfter(time)
        let (from, to) = (points[next - 1], points[next])
        let drift = Double(Int64(bitPattern: (to.wall &- to.boot) &- (from.wall &- from.boot)))
        let share = Double(time - from.boot) / Double(to.boot - from.boot)
        return from.wall &+ (time - from.boot)
            &+ UInt64(bitPattern: Int64((drift * share).rounded(.down)))
    }

    /// Index of the first point after `time`; there is one, and one before it.
    private func indexAfter(_ time: UInt64) -> Int {
        // Nearly always it is the last.
        var (low, high) = (1, points.count - 1)
        if points[high - 1].boot <= time { return high }
        while low < high {
            let middle = (low + high) / 2
            if points[middle].boot <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
