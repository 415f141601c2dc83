import Foundation
import Model
import Recording

/// Where in the program threads waited, and from where they were woken.
public enum StackReport {
    /// - Parameter top: how many stacks to show.
    public static func text(_ totals: [StackTotal], top: Int = 10) -> String {
        guard !totals.isEmpty else {
            return "No stacks were recorded in this stretch: `stallscope record --stacks` takes them.\n"
        }
        // A thread of the kernel's that waits for work serves whoever comes, as in the table of waits.
        let totals = totals.filter { $0.kind != WaitKind.kernelThread.name }
        let all = totals.reduce(0) { $0 + $1.total }
        var lines = ["Waits by stack, the longest time first; the innermost function is at the top of each"]
        for (index, total) in totals.prefix(top).enumerated() {
            lines += ["", "\(index + 1). " + heading(total, of: all)]
            lines += stack(total.frames)
            lines.append(waker(total))
            lines += stack(total.wakerFrames)
        }
        if totals.count > top { lines += ["", "and \(totals.count - top) more; --top shows more"] }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The same as JSON, with every frame.
    /// - Throws: `EncodingError`.
    public static func json(_ totals: [StackTotal], top: Int? = nil) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let document = StackDocument(
            stackCount: totals.count, stacks: totals.prefix(top ?? .max).map(StackPart.init))
        return JSONText.harmless(String(decoding: try encoder.encode(document), as: UTF8.self)) + "\n"
    }

    /// `12.3 s (45.0 %) in 1,234 waits of 4 threads, the longest 30 ms: futex bio_mutex, redis-server/123`
    private static func heading(_ total: StackTotal, of all: UInt64) -> String {
        var text = "\(Units.duration(total.total)) (\(Units.percent(total.total, of: all))) in "
        text += Units.count(Int(clamping: total.count), "wait that ended", "waits that ended")
        text += " of " + Units.count(total.threads, "thread", "threads")
        if total.longest > 0 { text += ", the longest \(Units.duration(total.longest))" }
        text += ": \(total.kind)"
        if let resource = total.resources.first {
            text += " on " + TerminalText.cut(TerminalText.safe(resource), to: 60)
            if total.resources.count > 1 { text += " and \(total.resources.count - 1) more" }
        }
        return text + ", " + TerminalText.safe("\(total.processComm)/\(total.pid)")
    }

    private static func waker(_ total: StackTotal) -> String {
        switch (total.wakerKind, total.wakerComm) {
        case ("pending", _): "   not over yet"
        case ("self", _): "   found that it need not sleep, at"
        case (_, let comm?):
            "   woken by " + TerminalText.safe(comm + (total.wakerPID.map { "/\($0)" } ?? ""))
        case (let kind, nil): "   woken by \(kind)"
        }
    }

    private static let deepest = 48

    private static func stack(_ frames: [StackFrame]) -> [String] {
        if frames.isEmpty { return [] }
        var lines = frames.prefix(deepest).map { frame in
            var text = "       " + TerminalText.cut(TerminalText.safe(frame.name), to: 100)
            if !frame.module.isEmpty, !frame.function.isEmpty, !frame.isKernel {
                text += " (" + TerminalText.safe(frame.module) + ")"
            }
            if frame.line > 0 {
                text += " " + TerminalText.safe(fileName(frame.file)) + ":\(frame.line)"
            }
            return text
        }
        if frames.count > deepest { lines.append("       and \(frames.count - deepest) more") }
        return lines
    }

    private static func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

private struct StackDocument: Encodable {
    var stackCount: Int
    var stacks: [StackPart]
}

private struct StackPart: Encodable {
    var pid: UInt32
    var process: Int64
    var processComm, kind, stack, wakerKind: String
    var threads: Int
    var resources: [String]
    var frames, wakerFrames: [FramePart]
    var wakerComm, wakerStack: String?
    var wakerPid: UInt32?
    var count, totalNs, maxNs: UInt64

    init(_ total: StackTotal) {
        (pid, process, processComm) = (total.pid, total.process, total.processComm)
        (kind, stack, threads, resources) = (total.kind, total.stack, total.threads, total.resources)
        (frames, wakerFrames) = (total.frames.map(FramePart.init), total.wakerFrames.map(FramePart.init))
        (wakerKind, wakerComm, wakerPid) = (total.wakerKind, total.wakerComm, total.wakerPID)
        wakerStack = total.wakerStack.isEmpty ? nil : total.wakerStack
        (count, totalNs, maxNs) = (total.count, total.total, total.longest)
    }
}

private struct FramePart: Encodable {
    var function, module, file: String?
    var address: String
    var offset: UInt64
    var line: UInt32?
    var kernel: Bool

    init(_ frame: StackFrame) {
        function = frame.function.isEmpty ? nil : frame.function
        module = frame.module.isEmpty ? nil : frame.module
        file = frame.file.isEmpty ? nil : frame.file
        address = "0x" + String(frame.address, radix: 16)
        (offset, line) = (frame.offset, frame.line == 0 ? nil : frame.line)
        kernel = frame.isKernel
    }
}
