import Render

/// A file for https://www.speedscope.app: a profile for each process, and before them one of all.
public enum Speedscope {
    public static func write(
        _ profile: FlameProfile, name: String, exporter: String, to file: ExportFile
    ) throws(ExportError) {
        var numbers: [FlameFrame: Int] = [:]
        var frames: [FlameFrame] = []
        for frame in profile.samples.lazy.flatMap(\.frames) where numbers[frame] == nil {
            numbers[frame] = frames.count
            frames.append(frame)
        }
        try file.write(
            "{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"name\":\(JSONText.string(name)),"
                + "\"exporter\":\(JSONText.string(exporter)),\"activeProfileIndex\":0,\"shared\":{\"frames\":["
        )
        for (index, frame) in frames.enumerated() {
            try file.write((index == 0 ? "\n" : ",\n") + json(frame))
        }
        try file.write("]},\"profiles\":[\n")
        try write(profile.samples, name: "all processes", numbers, to: file)
        for (process, samples) in byProcess(profile.samples) {
            try file.write(",\n")
            try write(samples, name: process, numbers, to: file)
        }
        try file.write("]}\n")
    }

    /// Samples come in the order of their frames, so those of a process lie together.
    private static func byProcess(_ samples: [FlameSample]) -> [(name: String, samples: [FlameSample])] {
        var groups: [(name: String, samples: [FlameSample])] = []
        for sample in samples {
            let process = sample.frames.first?.name ?? "?"
            if groups.last?.name != process { groups.append((process, [])) }
            groups[groups.count - 1].samples.append(sample)
        }
        return groups
    }

    private static func write(
        _ samples: [FlameSample], name: String, _ numbers: [FlameFrame: Int], to file: ExportFile
    ) throws(ExportError) {
        let shown = samples.filter { $0.time > 0 }
        try file.write(
            "{\"type\":\"sampled\",\"name\":\(JSONText.string(name)),\"unit\":\"nanoseconds\",\"startValue\":0,"
                + "\"endValue\":\(shown.reduce(0) { $0 + $1.time }),\"samples\":[")
        for (index, sample) in shown.enumerated() {
            let stack = sample.frames.map { "\(numbers[$0] ?? 0)" }.joined(separator: ",")
            try file.write((index == 0 ? "" : ",") + "[\(stack)]")
        }
        try file.write("],\"weights\":[")
        for (index, sample) in shown.enumerated() {
            try file.write((index == 0 ? "" : ",") + "\(sample.time)")
        }
        try file.write("]}")
    }

    private static func json(_ frame: FlameFrame) -> String {
        var members = "\"name\":\(JSONText.string(frame.name))"
        if !frame.file.isEmpty { members += ",\"file\":\(JSONText.string(frame.file))" }
        if frame.line > 0 { members += ",\"line\":\(frame.line)" }
        return "{\(members)}"
    }
}
