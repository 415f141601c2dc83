import ArgumentParser
import Render

/// Points and stretches of time of a recording, as options give them.
enum TimeArgument {
    /// - Parameter option: its name, for the message.
    static func time(_ text: String?, _ option: String, _ start: UInt64) throws -> UInt64? {
        guard let text else { return nil }
        guard let time = WallClock.parse(text, start: start) else {
            throw ValidationError(
                "\(option) \(text) is no time: give 12:30:45, 2026-05-04T12:30:45, Unix seconds, or +90s.")
        }
        return time
    }

    /// `12:00-12:05`, `+0s-+30s`; of dates, which hold `-` themselves, with `..` between the two.
    ///
    /// - Parameter other: what else the option takes.
    static func stretch(
        _ text: String?, _ option: String, _ start: UInt64, or other: String? = nil
    ) throws -> Range<UInt64>? {
        guard let text else { return nil }
        let parts = text.contains("..") ? text.split(separator: "..") : text.split(separator: "-")
        guard parts.count == 2, let from = WallClock.parse(String(parts[0]), start: start),
            let to = WallClock.parse(String(parts[1]), start: start)
        else {
            throw ValidationError(
                "\(option) \(text) is no stretch of time: give 12:00-12:05, or +0s-+30s\(other.map { ", or " + $0 } ?? "")."
            )
        }
        guard from < to else { throw ValidationError("\(option) \(text) ends before it begins.") }
        return from..<to
    }
}
