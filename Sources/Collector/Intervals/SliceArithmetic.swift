import Probes

/// Where the slices of a setting lie.
enum SliceArithmetic {
    /// Periods last 2^27 (0.13 s) to 2^33 ns (8.6 s): as short as slices allow that are long enough to hold a request of
    /// a service and what it waits for.
    static let shifts: ClosedRange<UInt64> = 27...33
    static let wantedSlice = Double(1 << 24)
    static let shortestSlice: UInt64 = 1 << 20

    /// - Parameters:
    ///   - share: of the time, more than 0; from 0.9 up it is all.
    ///   - random: chooses where in the period it begins.
    static func setting(share: Double, from: UInt64, random: UInt64) -> KernelPlane.Slices {
        guard share < 0.9 else {
            return KernelPlane.Slices(
                from: from, anchor: from, on: 1 << shifts.lowerBound, shift: shifts.lowerBound)
        }
        let shift =
            shifts.first { share * Double(UInt64(1) << $0) >= wantedSlice } ?? shifts.upperBound
        let period = UInt64(1) << shift
        let on = max(shortestSlice, UInt64(max(share, 0) * Double(period)))
        // A clock that has just begun to run has not counted a whole period.
        let back = min(random & (period - 1), from)
        return KernelPlane.Slices(from: from, anchor: from - back, on: on, shift: shift)
    }

    static func share(of setting: KernelPlane.Slices) -> Double {
        min(1, Double(setting.on) / Double(UInt64(1) << setting.shift))
    }

    /// The slices, or what of them lies within `from..<to`; adjacent ones are one.
    static func slices(of setting: KernelPlane.Slices, from: UInt64, to: UInt64) -> [Range<UInt64>] {
        guard from < to else { return [] }
        let period = UInt64(1) << setting.shift
        if setting.on >= period { return [from..<to] }
        var slices: [Range<UInt64>] = []
        var begin = from - ((from - setting.anchor) & (period - 1))
        while begin < to {
            let slice = max(begin, from)..<max(from, min(begin + setting.on, to))
            if !slice.isEmpty { slices.append(slice) }
            begin += period
        }
        return slices
    }
}
