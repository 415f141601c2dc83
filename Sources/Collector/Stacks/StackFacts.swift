import Model
import Probes
import ProcFS

/// Names of the addresses in stacks: from /proc and the files that are mapped, or from a table in tests.
public protocol StackFactsSource: AnyObject {
    /// Reads what takes long, before there are stacks.
    func prepare()
    /// Reads what goes away with the process.
    func meet(_ record: StackRecord)
    /// The innermost first.
    func frames(of record: StackRecord) -> [StackFrame]
}

/// This host's.
public final class HostStacks: StackFactsSource {
    private let names = StackNames()

    public init() {}

    public func prepare() { names.readKernelSymbols() }

    public func meet(_ record: StackRecord) {
        if !record.isKernel { names.meet(pid: record.pid, incarnation: record.incarnation) }
    }

    public func frames(of record: StackRecord) -> [StackFrame] {
        record.isKernel
            ? names.kernelFrames(of: record.addresses)
            : names.frames(of: record.addresses, pid: record.pid, incarnation: record.incarnation)
    }
}
