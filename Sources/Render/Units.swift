import Glibc

/// Numbers as people read them; or, for programs, as they are (``isRaw``).
public enum Units {
    /// Numbers without units: durations in nanoseconds, sizes in bytes, shares of 1.
    @TaskLocal public static var isRaw = false

    /// Nanoseconds with three significant digits: `0`, `512 ns`, `1.25 ms`, `75.0 s`, `2 h 05 min`.
    public static func duration(_ nanoseconds: UInt64) -> String {
        if isRaw { return "\(nanoseconds)" }
        let value = Double(nanoseconds)
        switch value {
        case 0: return "0"
        case ..<999.5: return "\(nanoseconds) ns"
        case ..<999_500: return digits(value / 1e3) + " µs"
        case ..<999_500_000: return digits(value / 1e6) + " ms"
        case ..<600e9: return digits(value / 1e9) + " s"
        default:
            let minutes = (nanoseconds + 30_000_000_000) / 60_000_000_000
            if minutes < 60 { return "\(minutes) min" }
            return "\(minutes / 60) h " + padded(minutes % 60, to: 2) + " min"
        }
    }

    /// `1 process`, `2 processes`.
    public static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    /// A share (0 to 1) as `12.3 %`; `<0.1 %` for what is little but there.
    public static func percent(_ share: Double) -> String {
        if isRaw { return share.isFinite ? fixed(share, 6) : "0.000000" }
        if share.isNaN || share <= 0 { return "0 %" }
        if share < 0.0005 { return "<0.1 %" }
        return fixed(share * 100, 1) + " %"
    }

    /// `part` of `whole` as a percentage.
    public static func percent(_ part: UInt64, of whole: UInt64) -> String {
        percent(whole == 0 ? 0 : Double(part) / Double(whole))
    }

    /// `950`, `12.3k`, `4.56M`.
    public static func count(_ value: UInt64) -> String {
        if isRaw { return "\(value)" }
        switch Double(value) {
        case ..<10_000: return "\(value)"
        case ..<999_500: return digits(Double(value) / 1e3) + "k"
        case ..<999_500_000: return digits(Double(value) / 1e6) + "M"
        default: return digits(Double(value) / 1e9) + "G"
        }
    }

    /// `512 B`, `1.50 MiB`.
    public static func bytes(_ value: UInt64) -> String {
        if isRaw { return "\(value)" }
        guard value >= 1024 else { return "\(value) B" }
        var size = Double(value) / 1024
        var units = ["KiB", "MiB", "GiB", "TiB", "PiB"][...]
        while size >= 999.5, units.count > 1 {
            size /= 1024
            units = units.dropFirst()
        }
        return digits(size) + " " + (units.first ?? "")
    }

    /// Three significant digits without an exponent.
    static func digits(_ value: Double) -> String {
        if value < 9.995 { return fixed(value, 2) }
        return fixed(value, value < 99.95 ? 1 : 0)
    }

    static func fixed(_ value: Double, _ decimals: Int) -> String {
        let scale = pow(10, Double(decimals))
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let whole = UInt64(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return sign + "\(whole)" }
        let unit = UInt64(scale)
        return sign + "\(whole / unit)." + padded(whole % unit, to: decimals)
    }

    static func padded(_ value: UInt64, to width: Int) -> String {
        let text = "\(value)"
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
