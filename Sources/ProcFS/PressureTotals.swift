/// Stall times since the host started, or the cgroup was made: `/proc/pressure/*`, `*.pressure`
/// (Documentation/accounting/psi.rst).  Microseconds.
public struct PressureTotals: Sendable, Equatable {
    public var some: UInt64
    /// 0 where the kernel does not tell it.
    public var full: UInt64

    public init(some: UInt64, full: UInt64) {
        self.some = some
        self.full = full
    }

    /// `some avg10=0.00 avg60=0.07 avg300=0.32 total=99122358`, and perhaps the same for `full`.
    public init?(parsing bytes: [UInt8]) {
        var totals: [String: UInt64] = [:]
        for line in bytes.lines {
            let fields = line.fields
            guard let kind = fields.first,
                let total = fields.last(where: { $0.starts(with: Array("total=".utf8)) })
            else { continue }
            totals[String(decoding: kind, as: UTF8.self)] = total.dropFirst("total=".utf8.count).decimal
        }
        guard let some = totals["some"] else { return nil }
        self.init(some: some, full: totals["full"] ?? 0)
    }

    /// nil where the kernel has none, or has it switched off (`psi=0`).
    public static func read(_ path: String) -> PressureTotals? {
        FileAccess.read(path).bytes.flatMap(PressureTotals.init(parsing:))
    }
}
