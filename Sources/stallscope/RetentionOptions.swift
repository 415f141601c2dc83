import ArgumentParser
import Recording

/// How much of a recording is kept while it goes on.
struct RetentionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep only the last stretch, as in 10m or 1h; what is older is let go. `stallscope snapshot` saves it.",
            valueName: "time"))
    var retain: DurationArgument?

    @Option(
        help: ArgumentHelp(
            "Keep only as much as fits, as in 500M or 2G; the oldest is let go.", valueName: "size"))
    var maxSize: SizeArgument?

    func validate() throws {
        if let retain, retain.nanoseconds < 1_000_000_000 {
            throw ValidationError("--retain must be at least 1s.")
        }
        if let maxSize, maxSize.bytes < SizeArgument.leastFile {
            throw ValidationError("--max-size must be at least 1M: an empty recording takes half of that.")
        }
    }

    var retention: Retention? {
        guard retain != nil || maxSize != nil else { return nil }
        return Retention(age: retain?.nanoseconds, size: maxSize?.bytes)
    }
}

/// A size on the command line: `500K`, `20M`, `2G` (powers of 1024), or a plain number of bytes.
struct SizeArgument: ExpressibleByArgument, Equatable {
    static let leastFile: UInt64 = 1 << 20
    var bytes: UInt64

    init?(argument: String) {
        let number = argument.prefix { $0.isNumber || $0 == "." }
        guard let value = Double(number), value.isFinite, value >= 0 else { return nil }
        var unit = argument.dropFirst(number.count).uppercased()
        for ending in ["IB", "B"] where unit.hasSuffix(ending) {
            unit.removeLast(ending.count)
            break
        }
        let units: [String: Double] = [
            "": 1, "K": 1024, "M": 1_048_576, "G": 1_073_741_824, "T": 1_099_511_627_776,
        ]
        guard let scale = units[unit], value * scale < 1e18 else { return nil }
        bytes = UInt64(value * scale)
    }
}
