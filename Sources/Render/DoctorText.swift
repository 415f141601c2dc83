import Model

/// What a host can do, for people.
public enum DoctorText {
    /// Aligned lines under "Required" and "Optional", and what follows from them.
    public static func render(_ report: HostReport) -> String {
        var lines = ["Linux \(TerminalText.safe(report.kernel)), \(TerminalText.safe(report.machine))", ""]
        let width = report.checks.map { TerminalText.width($0.name) }.max() ?? 0
        for (title, isRequired) in [("Required", true), ("Optional", false)] {
            lines.append(title)
            for check in report.checks where check.isRequired == isRequired {
                lines += Self.lines(check, nameWidth: width)
            }
            lines.append("")
        }
        lines += conclusion(report)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ check: HostCheck, nameWidth: Int) -> [String] {
        let padding = String(repeating: " ", count: nameWidth - TerminalText.width(check.name))
        let isAvailable = check.status == .available
        let found = isAvailable && check.detail.isEmpty ? check.neededFor : check.detail
        var lines = ["  \(mark(check))  \(check.name)\(padding)  \(TerminalText.safe(found))"]
        guard !isAvailable else { return lines }
        let margin = String(repeating: " ", count: nameWidth + 9)
        lines.append("\(margin)for: \(check.neededFor)")
        if !check.remedy.isEmpty { lines.append("\(margin)do:  \(TerminalText.safe(check.remedy))") }
        return lines
    }

    private static func mark(_ check: HostCheck) -> String {
        switch check.status {
        case .available: "yes"
        case .unavailable: "no "
        case .unknown: "?  "
        }
    }

    private static func conclusion(_ report: HostReport) -> [String] {
        guard report.recordingWorks else {
            // What was not tried because of another obstacle is none itself, unless there is no other.
            let missing = report.obstacles.filter { $0.status == .unavailable }
            return ["Recording does not work:"]
                + (missing.isEmpty ? report.obstacles : missing).map {
                    TerminalText.safe("  \($0.name): \($0.detail). \($0.remedy)")
                }
        }
        return ["Recording works."]
    }
}
