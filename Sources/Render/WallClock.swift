import Glibc

/// Wall-clock times, read and written in the local time zone.
public enum WallClock {
    static let second: UInt64 = 1_000_000_000

    /// `2026-05-04 12:30:45`, of nanoseconds since the Unix epoch.
    public static func text(_ nanoseconds: UInt64) -> String { format(nanoseconds, "%Y-%m-%d %H:%M:%S") }

    /// `12:30:45.123`.
    public static func timeOfDay(_ nanoseconds: UInt64) -> String {
        format(nanoseconds, "%H:%M:%S") + "." + Units.padded(nanoseconds % second / 1_000_000, to: 3)
    }

    /// Reads a point in time of a recording that began at `start`.
    ///
    /// Accepted: `+90s`, `+1m30s`, `+500ms` (from the start), `12:30[:45[.5]]` (the first such time of day at
    /// or after the start), `2026-05-04[T12:30[:45[.5]]]` with `Z` or `+02:00` or in local time, and Unix
    /// seconds.
    /// - Returns: nanoseconds since the Unix epoch; nil if the text is none of these.
    public static func parse(_ text: String, start: UInt64) -> UInt64? {
        if text.hasPrefix("+") { return offset(text.dropFirst()).map { start + $0 } }
        if text.contains("-") { return dateTime(text) }
        if text.contains(":") { return timeOfDay(text, after: start) }
        return Double(text).flatMap(nanoseconds(seconds:))
    }

    private static func nanoseconds(seconds: Double) -> UInt64? {
        guard seconds >= 0, seconds < 1e10 else { return nil }
        let whole = seconds.rounded(.down)
        return UInt64(whole) * second + UInt64((seconds - whole) * 1e9)
    }

    private static func offset(_ text: Substring) -> UInt64? {
        let units: [Substring: Double] = ["ms": 1e-3, "s": 1, "": 1, "m": 60, "min": 60, "h": 3600]
        guard !text.isEmpty else { return nil }
        var rest = text
        var sum: Double = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let scale = units[unit] else { return nil }
            sum += value * scale
        }
        return nanoseconds(seconds: sum)
    }

    private static func timeOfDay(_ text: String, after start: UInt64) -> UInt64? {
        guard let (hour, minute, seconds) = clock(Substring(text)) else { return nil }
        var day = time_t(start / second)
        var fields = tm()
        for _ in 0..<2 {
            guard localtime_r(&day, &fields) != nil else { return nil }
            (fields.tm_hour, fields.tm_min, fields.tm_sec, fields.tm_isdst) = (hour, minute, 0, -1)
            guard let found = nanoseconds(seconds: Double(mktime(&fields)), plus: seconds) else { return nil }
            // A second's grace: a recording that began at 12:00:00.3 is meant by 12:00:00.
            if found + second > start { return found }
            day += 86_400
        }
        return nil
    }

    private static func dateTime(_ text: String) -> UInt64? {
        let parts = text.split(maxSplits: 1, whereSeparator: { $0 == "T" || $0 == " " || $0 == "t" })
        guard let date = parts.first?.split(separator: "-"), date.count == 3,
            let year = Int32(date[0]), let month = Int32(date[1]), let day = Int32(date[2]),
            (1970...2200).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var rest = parts.count > 1 ? parts[1] : "00:00"
        var zone: Int?
        if rest.hasSuffix("Z") || rest.hasSuffix("z") {
            zone = 0
            rest = rest.dropLast()
        } else if let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" }) {
            guard let (hours, minutes, _) = clock(rest[rest.index(after: sign)...]) else { return nil }
            zone = (Int(hours) * 3600 + Int(minutes) * 60) * (rest[sign] == "-" ? -1 : 1)
            rest = rest[..<sign]
        }
        guard let (hour, minute, seconds) = clock(rest) else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (year - 1900, month - 1, day)
        (fields.tm_hour, fields.tm_min, fields.tm_isdst) = (hour, minute, -1)
        let base = zone.map { timegm(&fields) - $0 } ?? mktime(&fields)
        return nanoseconds(seconds: Double(base), plus: seconds)
    }

    /// `12:30`, `12:30:45`, `12:30:45.5`.
    private static func clock(_ text: Substring) -> (hour: Int32, minute: Int32, seconds: Double)? {
        let fields = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(fields.count), let hour = Int32(fields[0]), let minute = Int32(fields[1]),
            let seconds = fields.count == 3 ? Double(fields[2]) : 0,
            (0...23).contains(hour), (0...59).contains(minute), seconds >= 0, seconds < 61
        else { return nil }
        return (hour, minute, seconds)
    }

    private static func nanoseconds(seconds: Double, plus: Double) -> UInt64? {
        guard let base = nanoseconds(seconds: seconds) else { return nil }
        return base + UInt64((plus * 1e9).rounded())
    }

    private static func format(_ nanoseconds: UInt64, _ pattern: String) -> String {
        var time = time_t(nanoseconds / second)
        var fields = tm()
        guard localtime_r(&time, &fields) != nil else { return "\(nanoseconds / second)" }
        var buffer = [CChar](repeating: 0, count: 64)
        let length = strftime(&buffer, buffer.count, pattern, &fields)
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
