import Render

/// Folded stacks, as `flamegraph.pl`, inferno and speedscope read them: `outer;inner 1234`, nanoseconds.
public enum FoldedStacks {
    public static func write(_ profile: FlameProfile, to file: ExportFile) throws(ExportError) {
        for sample in profile.samples where sample.time > 0 {
            let stack = sample.frames.map { name(of: $0) }.joined(separator: ";")
            try file.write("\(stack) \(sample.time)\n")
        }
    }

    /// Without what would end a frame or a line.
    private static func name(of frame: FlameFrame) -> String {
        let name = TerminalText.safe(frame.name).replacing(";", with: ":")
        return name.isEmpty ? "?" : name
    }
}
