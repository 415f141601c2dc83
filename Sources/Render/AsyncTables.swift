import Model
import Recording

/// Requests of io_uring and of aio as tables.
enum AsyncTables {
    static func rings(_ totals: some Sequence<AsyncTotal>) -> TextTable {
        var table = TextTable(
            [
                ("PROCESS", .left), ("RING", .right), ("", .left), ("FILE", .left), ("ISSUED", .left),
                ("REQUESTS", .right), ("MEAN", .right), ("MAX", .right), ("TIMES", .left),
                ("UNDER WAY", .right), ("ERRORS", .right), ("UNREAPED", .right), ("NOT SEEN", .right),
            ], widest: 48)
        for total in totals {
            table.add(
                [
                    process(total), "#\(total.sample.ring)", total.operation ?? "more completions",
                    total.file ?? "",
                    total.pid == 0 ? "" : total.sample.issue.name,
                ] + measures(total) + [
                    total.sample.unreaped == 0 ? "" : Units.count(total.sample.unreaped),
                    total.sample.untold == 0 ? "" : Units.count(total.sample.untold),
                ])
        }
        return table
    }

    static func aio(_ totals: some Sequence<AsyncTotal>) -> TextTable {
        var table = TextTable(
            [
                ("PROCESS", .left), ("CONTEXT", .left), ("", .left), ("FILE", .left), ("REQUESTS", .right),
                ("MEAN", .right), ("MAX", .right), ("TIMES", .left), ("UNDER WAY", .right),
                ("ERRORS", .right), ("NOT SEEN", .right),
            ], widest: 48)
        for total in totals {
            table.add(
                [process(total), total.ring ?? "", total.operation ?? "", total.file ?? ""] + measures(total)
                    + [total.sample.untold == 0 ? "" : Units.count(total.sample.untold)])
        }
        return table
    }

    /// Of each ring or context the two files whose requests took longest on average: `/data/a 12 ms, /data/b 3 ms`.
    static func slowestFiles(_ totals: [AsyncTotal]) -> [Int64: String] {
        struct Sum {
            var name = ""
            var requests: UInt64 = 0
            var total: UInt64 = 0
            var mean: UInt64 { requests == 0 ? 0 : total / requests }
        }
        var rings: [Int64: [Int64: Sum]] = [:]
        for total in totals where total.sample.file != 0 && total.sample.requests > 0 {
            var sum = rings[total.sample.ring]?[total.sample.file] ?? Sum(name: total.file ?? "?")
            sum.requests &+= total.sample.requests
            sum.total &+= total.sample.total
            rings[total.sample.ring, default: [:]][total.sample.file] = sum
        }
        return rings.mapValues { files in
            files.sorted { ($1.value.mean, $0.key) < ($0.value.mean, $1.key) }.prefix(2)
                .map { "\($0.value.name) \(Units.duration($0.value.mean))" }.joined(separator: ", ")
        }
    }

    private static func process(_ total: AsyncTotal) -> String {
        total.pid == 0 ? "not known" : "\(total.processComm)/\(total.pid)"
    }

    private static func measures(_ total: AsyncTotal) -> [String] {
        [
            Units.count(max(total.sample.requests, total.sample.completions)),
            total.sample.requests == 0 ? "" : Units.duration(total.sample.total / total.sample.requests),
            total.sample.longest == 0 ? "" : Units.duration(total.sample.longest),
            Drawings.distribution(total.sample.lengths),
            total.sample.inFlight == 0 ? "" : "\(total.sample.inFlight)",
            total.sample.errors == 0 ? "" : Units.count(total.sample.errors),
        ]
    }
}
