import ArgumentParser

/// A length of time on the command line: `500ms`, `10s`, `2m`, `1h`, or a plain number of seconds.
struct DurationArgument: ExpressibleByArgument, Equatable {
    var nanoseconds: UInt64

    init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." }
        guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
        let units: [Substring: Double] = ["": 1, "ms": 1e-3, "s": 1, "m": 60, "min": 60, "h": 3600]
        guard let unit = units[argument.dropFirst(number.count)] else { return nil }
        let nanoseconds = (value * unit * 1e9).rounded()
        guard nanoseconds < 1e18 else { return nil }
        self.nanoseconds = UInt64(nanoseconds)
    }

    var defaultValueDescription: String {
        nanoseconds % 1_000_000_000 == 0
            ? "\(nanoseconds / 1_000_000_000)s" : "\(nanoseconds / 1_000_000)ms"
    }
}
