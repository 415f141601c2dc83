import ArgumentParser
import Diagnosis
import Foundation
import Render

/// An application's own measurements: lines of time and value, separated by comma, semicolon, tab or blanks.
enum KPIFile {
    /// - Parameter start: of the recording, for times of day and offsets.
    /// - Throws: `ValidationError` with the line that is wrong.
    static func read(_ path: String, higherIsBetter: Bool, start: UInt64) throws -> KPISeries {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw ValidationError("The KPI file \(path) cannot be read: \(error.localizedDescription)")
        }
        return try parse(text, path, higherIsBetter: higherIsBetter, start: start)
    }

    static func parse(_ text: String, _ path: String, higherIsBetter: Bool, start: UInt64) throws -> KPISeries
    {
        var points: [(time: UInt64, value: Double)] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
            if line.isEmpty || line.hasPrefix("#") { continue }
            let fields = fields(line)
            if fields.count >= 2, let time = time(fields[0], start: start), let value = Double(fields[1]) {
                points.append((time, value))
            } else if number > 0 || !points.isEmpty {
                throw ValidationError(
                    "Line \(number + 1) of \(path) is not a time and a number: \(line.prefix(60))")
            }
        }
        guard !points.isEmpty else {
            throw ValidationError("\(path) holds no line with a time and a number.")
        }
        return KPISeries(points: points, higherIsBetter: higherIsBetter)
    }

    private static func fields(_ line: String) -> [String] {
        for separator in [",", ";", "\t"] as [Character] where line.contains(separator) {
            return line.split(separator: separator).map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
            }
        }
        return line.split(separator: " ").map(String.init)
    }

    /// Unix time in seconds, or in ms, us or ns by its size; else as options give it.
    private static func time(_ text: String, start: UInt64) -> UInt64? {
        guard let number = Double(text), !text.hasPrefix("+") else {
            return WallClock.parse(text, start: start)
        }
        switch number {
        case ..<0: return nil
        case ..<1e11: return UInt64(number * 1e9)
        case ..<1e14: return UInt64(number * 1e6)
        case ..<1e17: return UInt64(number * 1e3)
        case ..<1e19: return UInt64(number)
        default: return nil
        }
    }
}
