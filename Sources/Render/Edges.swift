import Model
import Recording

/// Who waits for whom, and at what: waits summed by processes.
public struct Edge: Sendable, Equatable {
    /// `redis-server/123`.
    public var waiter: String
    public var waiterPID: UInt32
    /// Without what only tells one connection from another.
    public var resource: String
    public var kind: String
    /// The process that ended the waits, or the kind of what did.
    public var waker: String
    /// nil if no thread did.
    public var wakerPID: UInt32?
    public var count: UInt64
    /// Nanoseconds.
    public var total: UInt64

    private struct Key: Hashable {
        var waiter: UInt32
        var waker: UInt32
        var wakerName, resource, kind: String
    }

    /// - Returns: the longest total first.  Waits of threads that never ran are left out: nobody needed them.
    public static func of(_ data: ReportData) -> [Edge] {
        let comms = Dictionary(
            data.threads.map { ($0.pid, $0.processComm) }, uniquingKeysWith: { first, _ in first })
        let ran = Set(data.threads.filter { $0.sample.onCPU > 0 }.map(\.thread))
        var edges: [Key: Edge] = [:]
        for group in WaitGroup.of(data.waits, data.resources) {
            let wait = group.wait
            guard ran.contains(wait.thread), !group.isIdleKernelThread else { continue }
            let waker =
                wait.wakerPID.map { "\(comms[$0] ?? wait.wakerComm ?? "?")/\($0)" } ?? WaitGroup.waker(wait)
            var shown = group
            shown.resources = []
            let key = Key(
                waiter: wait.pid, waker: wait.wakerPID ?? 0, wakerName: wait.wakerPID == nil ? waker : "",
                resource: shown.subject, kind: wait.kind)
            edges[
                key,
                default: Edge(
                    waiter: "\(wait.processComm)/\(wait.pid)", waiterPID: wait.pid, resource: shown.subject,
                    kind: wait.kind, waker: waker, wakerPID: wait.wakerPID, count: 0, total: 0)
            ].count += wait.count
            edges[key]?.total += wait.total
        }
        return edges.values.sorted {
            $0.total != $1.total ? $0.total > $1.total : ($0.waiter, $0.resource) < ($1.waiter, $1.resource)
        }
    }
}

/// The wait-for graph between processes, as text and for Graphviz.
public enum EdgeGraph {
    /// - Parameter top: how many edges to show.
    public static func text(_ data: ReportData, top: Int = 30) -> String {
        let edges = Edge.of(data)
        guard !edges.isEmpty else { return "No thread that ran has waited in this stretch.\n" }
        let whole = edges.reduce(0) { $0 + $1.total }
        var table = TextTable(
            [
                ("WAITER", .left), ("WAITS FOR", .left), ("ENDED BY", .left), ("TOTAL", .right),
                ("SHARE", .right),
                ("COUNT", .right), ("MEAN", .right),
            ], widest: 64)
        for edge in edges.prefix(top) {
            table.add([
                edge.waiter, edge.resource, edge.waker, Units.duration(edge.total),
                Units.percent(edge.total, of: whole), Units.count(edge.count),
                edge.count == 0 ? "" : Units.duration(edge.total / edge.count),
            ])
        }
        var lines = ["Who waits for whom, the longest total first (share of all these waits)"]
        lines += table.lines(indent: 2)
        if edges.count > top {
            lines.append("  … and \(edges.count - top) more edges; --top \(edges.count) shows all")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A digraph in Graphviz's language, from waiter to waker; an edge is as wide as its share of all waits.
    public static func dot(_ data: ReportData, top: Int = 60) -> String {
        let edges = Edge.of(data).prefix(top)
        let whole = max(1, edges.reduce(0) { $0 + $1.total })
        var lines = [
            "digraph waits {", "  rankdir=LR;", "  node [shape=box, fontname=\"sans-serif\"];",
            "  edge [fontname=\"sans-serif\", fontsize=10];",
        ]
        for edge in edges {
            let share = Double(edge.total) / Double(whole)
            let style = edge.wakerPID == nil ? ", style=dashed" : ""
            let width = Units.fixed(1 + 7 * share, 2)
            lines.append(
                "  \(quoted(edge.waiter)) -> \(quoted(edge.waker)) [label="
                    + quoted("\(edge.resource)\n\(Units.duration(edge.total)), \(edge.count) times")
                    + ", penwidth=\(width)\(style)];")
        }
        return (lines + ["}"]).joined(separator: "\n") + "\n"
    }

    /// A string of Graphviz's language, of which nothing can get out.
    static func quoted(_ text: String) -> String {
        let safe = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            TerminalText.safe(String(line)).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        }
        return "\"" + safe.joined(separator: "\\n") + "\""
    }
}
