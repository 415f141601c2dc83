/// Arguments of a process, from `/proc/PID/cmdline`.
public enum ProcessArguments {
    /// Splits at the zero bytes, of which one ends each argument.
    ///
    /// A process that gives itself a title (`setproctitle`: "nginx: worker process") writes it over its
    /// arguments and fills up with zeros or spaces, which are no arguments.
    public static func parse(_ bytes: [UInt8]) -> [String] {
        let content = bytes.last == 0 ? bytes.dropLast() : bytes[...]
        let pieces = content.split(separator: 0, omittingEmptySubsequences: false)
        guard let first = pieces.first, pieces.contains(where: { !$0.isEmpty }) else { return [] }
        if pieces.dropFirst().allSatisfy(\.isEmpty) {
            let end = first.lastIndex { $0 != UInt8(ascii: " ") } ?? first.startIndex
            return [String(decoding: first[...end], as: UTF8.self)]
        }
        return pieces.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The program that a process runs: what was started, or, if that is a dynamic loader with a program as its argument
    /// (`ld-linux-x86-64.so.2 /bin/sleep 3`), that one.
    static func program(started executable: String, arguments: [String]) -> String {
        let name = executable.split(separator: "/").last ?? ""
        guard name.hasPrefix("ld-linux") || name.hasPrefix("ld-musl") || name.hasPrefix("ld-2."),
            arguments.first.map({ $0.hasSuffix(name) || $0.contains("ld-linux") || $0.contains("ld-musl") })
                == true
        else { return executable }
        var rest = arguments.dropFirst()
        while let option = rest.first, option.hasPrefix("--") {
            rest = rest.dropFirst(loaderOptionsWithValue.contains(option) ? 2 : 1)
        }
        return rest.first { $0.hasPrefix("/") } ?? executable
    }

    /// Options of ld.so(8) that another argument follows.
    private static let loaderOptionsWithValue: Set<String> = [
        "--library-path", "--inhibit-rpath", "--audit", "--preload", "--argv0", "--glibc-hwcaps-prepend",
        "--glibc-hwcaps-mask",
    ]

    /// One line that a shell would read as the same arguments.
    ///
    /// A single argument is left as it is: it is either a bare command or a title that the process gave
    /// itself ("nginx: worker process"), which quotes would only make harder to read.
    public static func line(_ arguments: [String]) -> String {
        guard arguments.count > 1 else { return arguments.first.map(printable) ?? "" }
        return arguments.map(quoted).joined(separator: " ")
    }

    static func quoted(_ argument: String) -> String {
        guard !argument.isEmpty else { return "''" }
        guard argument.unicodeScalars.contains(where: needsQuotes) else { return argument }
        if argument.unicodeScalars.contains(where: isControl) {
            let escaped = argument.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "$'\(printable(escaped))'"
        }
        return "'" + argument.replacing("'", with: "'\\''") + "'"
    }

    /// Line ends and other control characters would break tables and terminals.
    private static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" + digits : digits)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool {
        scalar.value < 0x20 || scalar.value == 0x7f
    }

    private static func needsQuotes(_ scalar: UnicodeScalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": false
        case "_", "-", ".", "/", ":", "=", "@", "%", "+", ",", "^": false
        default: scalar.isASCII
        }
    }
}
