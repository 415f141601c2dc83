/// Strings of JSON.
public enum JSONText {
    /// Quoted; everything but printable characters is escaped, so that JSON on a terminal is harmless too.
    public static func string(_ text: String) -> String {
        // Most texts are names of plain letters.
        if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 && $0 != 34 && $0 != 92 }) { return "\"\(text)\"" }
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            default: append(scalar, to: &result)
            }
        }
        return result + "\""
    }

    /// A whole document, in which other encoders leave some characters that a terminal would obey.
    static func harmless(_ document: String) -> String {
        var result = ""
        for scalar in document.unicodeScalars {
            if scalar == "\n" {
                result.unicodeScalars.append(scalar)
            } else {
                append(scalar, to: &result)
            }
        }
        return result
    }

    private static func append(_ scalar: Unicode.Scalar, to result: inout String) {
        guard TerminalText.isHostile(scalar) else { return result.unicodeScalars.append(scalar) }
        for unit in String(scalar).utf16 {
            let digits = String(unit, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}
