/// What `/proc/PID/status` or `/proc/PID/task/TID/status` says, as far as we need it.
public struct ProcessStatus: Sendable, Equatable {
    /// The process that this thread belongs to.
    public var processID: UInt32
    public var parentPID: UInt32 = 0
    public var tracerPID: UInt32 = 0
    /// Real user id.
    public var uid: UInt32 = 0
    /// Thread id in each pid namespace, from the reader's to the innermost.  Empty on kernels before 4.1.
    public var namespaceTIDs: [UInt32] = []
    /// Process id in each pid namespace, from the reader's to the innermost.
    public var namespacePIDs: [UInt32] = []
    /// Effective capabilities, one bit each.
    public var effectiveCapabilities: UInt64 = 0
    /// Times that the thread left a CPU to wait, and was put off it.
    public var voluntarySwitches: UInt64 = 0
    public var involuntarySwitches: UInt64 = 0

    /// - Returns: nil if there is no thread group id in it.
    public init?(parsing bytes: [UInt8]) {
        var processID: UInt32?
        for line in bytes.lines {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let value = line[(colon + 1)...]
            switch String(decoding: line[..<colon], as: UTF8.self) {
            case "Tgid": processID = value.fields.first?.decimal32
            case "PPid": parentPID = value.fields.first?.decimal32 ?? 0
            case "TracerPid": tracerPID = value.fields.first?.decimal32 ?? 0
            case "Uid": uid = value.fields.first?.decimal32 ?? 0
            case "NSpid": namespaceTIDs = value.fields.compactMap(\.decimal32)
            case "NStgid": namespacePIDs = value.fields.compactMap(\.decimal32)
            case "voluntary_ctxt_switches": voluntarySwitches = value.fields.first?.decimal ?? 0
            case "nonvoluntary_ctxt_switches": involuntarySwitches = value.fields.first?.decimal ?? 0
            case "CapEff":
                let digits = value.fields.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
                effectiveCapabilities = UInt64(digits, radix: 16) ?? 0
            default: continue
            }
        }
        guard let processID else { return nil }
        self.processID = processID
    }
}
