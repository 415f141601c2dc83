import Recording

/// System calls, and what they moved, as tables.
enum SyscallTables {
    static func calls(_ totals: some Sequence<SyscallTotal>) -> TextTable {
        var table = TextTable(
            [
                ("THREAD", .left), ("TID", .right), ("CALL", .left), ("CALLS", .right), ("ERRORS", .right),
                ("TIME", .right), ("MEAN", .right), ("MAX", .right), ("BYTES", .right), ("LENGTHS", .left),
                ("WOKE", .left),
            ], widest: 40)
        for total in totals {
            table.add([
                total.comm, "\(total.tid)", name(total), Units.count(total.calls),
                total.errors == 0 ? "" : Units.count(total.errors), Units.duration(total.total),
                // Of calls that go on over an end of the stretch, the part that lies in it is in the mean.
                total.calls == 0 ? "" : Units.duration(total.total / total.calls),
                total.longest == 0 ? "" : Units.duration(total.longest),
                total.bytes == 0 ? "" : Units.bytes(total.bytes), Drawings.distribution(total.lengths),
                total.wakes.map(woke) ?? "",
            ])
        }
        return table
    }

    static func traffic(_ totals: some Sequence<TrafficTotal>) -> TextTable {
        var table = TextTable(
            [
                ("PROCESS", .left), ("SOCKET OR PIPE", .left), ("READ", .right), ("CALLS", .right),
                ("WRITTEN", .right), ("CALLS", .right),
            ], widest: 56)
        for total in totals {
            table.add([
                "\(total.processComm)/\(total.pid)", total.resource ?? "not known",
                Units.bytes(total.readBytes), Units.count(total.readCalls), Units.bytes(total.writeBytes),
                Units.count(total.writeCalls),
            ])
        }
        return table
    }

    /// `read`, `futex wake`.
    private static func name(_ total: SyscallTotal) -> String {
        total.operation.map { total.syscall == "futex" ? "futex \($0)" : total.syscall } ?? total.syscall
    }

    /// `12 in 10 calls, nobody in 3`
    private static func woke(_ wakes: (ofSomeone: UInt64, ofNobody: UInt64, woken: UInt64)) -> String {
        "\(Units.count(wakes.woken)) in \(Units.count(wakes.ofSomeone)), nobody in \(Units.count(wakes.ofNobody))"
    }
}
