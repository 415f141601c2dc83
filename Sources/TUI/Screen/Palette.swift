/// What tones look like on a terminal.
public enum Palette: Sendable, Equatable {
    /// Bold and reverse only.
    case plain
    case sixteen
    case indexed

    /// - Parameter environment: of which `TERM` and `COLORTERM` say what the terminal can do.
    public init(colors: Bool, environment: [String: String]) {
        let hasMany = environment["TERM"]?.contains("256") == true || environment["COLORTERM"] != nil
        self = !colors ? .plain : hasMany ? .indexed : .sixteen
    }

    /// The sequence that begins a style, whatever was in force before.
    func sequence(_ style: Style) -> String {
        var codes = ["0"]
        if style.isBold { codes.append("1") }
        if style.isReversed { codes.append("7") }
        let color = color(style.tone)
        if let color, self == .indexed { codes.append("38;5;\(color.indexed)") }
        if let color, self == .sixteen { codes.append("\(color.sixteen)") }
        return "\u{1B}[" + codes.joined(separator: ";") + "m"
    }

    private func color(_ tone: Tone) -> (sixteen: Int, indexed: Int)? {
        switch tone {
        case .plain: nil
        case .faint: (37, 245)
        case .heading: (36, 110)
        case .key: (36, 117)
        case .alarm: (31, 209)
        case .calm: (32, 114)
        case .onCPU: (32, 71)
        case .runQueue: (33, 178)
        case .blocked(.lock): (31, 167)
        case .blocked(.peer): (34, 68)
        case .blocked(.disk): (35, 133)
        case .blocked(.memory): (91, 203)
        case .blocked(.timer): (37, 102)
        case .blocked(.other): (37, 241)
        }
    }
}

extension StyledLine {
    /// For a terminal; without trailing blanks where there is no style.
    public func encoded(_ palette: Palette) -> String {
        var text = ""
        var current = Style()
        for run in runs {
            var style = run.style
            if palette == .plain { style.tone = .plain }
            if style != current {
                text += palette.sequence(style)
                current = style
            }
            text += run.text
        }
        return current == Style() ? text : text + "\u{1B}[0m"
    }
}
