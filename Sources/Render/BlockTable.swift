import Recording

/// Who used block devices, as a table.
enum BlockTable {
    /// - Parameter targets: host ids of the processes that were watched; others are marked.
    static func of(_ totals: some Sequence<BlockTotal>, targets: Set<UInt32>) -> TextTable {
        var table = TextTable(
            [
                ("DEVICE", .left), ("", .left), ("SUBMITTED BY", .left), ("CGROUP", .left),
                ("REQUESTS", .right),
                ("BYTES", .right), ("MERGED", .right), ("QUEUED", .right), ("DEVICE", .right),
                ("MAX", .right),
                ("DEVICE TIMES", .left), ("UNDER WAY", .right), ("ERRORS", .right),
            ], widest: 40)
        for total in totals {
            table.add([
                total.device, total.operation, submitter(total, targets), total.cgroup ?? "",
                Units.count(total.requests), Units.bytes(total.bytes), Units.count(total.merges),
                mean(total.queueTotal, total.requests), mean(total.deviceTotal, total.requests),
                total.longest == 0 ? "" : Units.duration(total.longest),
                Drawings.distribution(total.deviceLengths), total.inFlight == 0 ? "" : "\(total.inFlight)",
                total.errors == 0 ? "" : Units.count(total.errors),
            ])
        }
        return table
    }

    private static func submitter(_ total: BlockTotal, _ targets: Set<UInt32>) -> String {
        guard let pid = total.pid else { return "an interrupt" }
        return "\(total.comm ?? "?")/\(pid)" + (targets.contains(pid) ? "" : " *")
    }

    private static func mean(_ total: UInt64, _ count: UInt64) -> String {
        count == 0 ? "" : Units.duration(total / count)
    }
}
