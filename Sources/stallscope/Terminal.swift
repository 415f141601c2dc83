import Glibc
import Render

/// Standard output and error.
enum Terminal {
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// `stallscope: error: ...` on stderr; names in it are made harmless for a terminal.
    static func printError(_ message: String) {
        let label = "stallscope: error:"
        let isPainted = ColorOptions.forErrors().areUsed(isTerminal: isatty(STDERR_FILENO) == 1)
        let shown = isPainted ? "\u{1B}[1;31m\(label)\u{1B}[0m" : label
        write(shown + " " + TerminalText.safe(message) + "\n", to: STDERR_FILENO)
    }

    /// `stallscope: ...` on stderr, for what is no error.
    static func printNote(_ message: String) {
        write("stallscope: " + TerminalText.safe(message) + "\n", to: STDERR_FILENO)
    }

    static func print(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// Text for people, in colours where they are wanted.
    static func print(_ text: String, _ colors: ColorOptions) {
        print(colors.areUsed(isTerminal: outputIsTerminal) ? TextColors.paint(text) : text)
    }

    /// Output of many small pieces, written in large ones.
    struct Buffer: ~Copyable {
        private var text = ""

        mutating func print(_ more: String) {
            text += more
            if text.utf8.count > 1 << 16 { flush() }
        }

        mutating func flush() {
            Terminal.print(text)
            text.removeAll(keepingCapacity: true)
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var text = text
        text.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[rest.indices])
                let written = Glibc.write(descriptor, slice.baseAddress, slice.count)
                if written < 0, errno == EINTR { continue }
                // Nobody reads any more, or the disk is full: there is nowhere to say so.
                guard written > 0 else { Glibc.exit(1) }
                rest = rest.dropFirst(written)
            }
        }
    }
}
