import SystemPackage

/// A failed step on the way into the kernel.
///
/// `description` is a sentence for the user; `verifierLog` is for whoever mends the program.
public struct BPFError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The caller may not use BPF.
        case notPermitted
        /// The kernel lacks something that the object needs.
        case unsupported
        /// The verifier refused a program.
        case rejected
        /// A program, map or data section that the object does not have.
        case missing
        /// Any other failed call.
        case failed
    }

    public var code: Code
    /// What was being done, as in "load the BPF programs".
    public var step: String
    public var errno: Errno
    /// What libbpf and the verifier said, empty if nothing.
    public var verifierLog: String

    init(_ code: Code? = nil, step: String, errno: Errno, log: String = "") {
        self.step = step
        self.errno = errno
        self.verifierLog = log
        self.code = code ?? BPFError.code(for: errno, log: log)
    }

    /// The embedded object is not what the build put there.
    public static let damagedObject = BPFError(
        .missing, step: "read the embedded BPF object", errno: .invalidArgument)

    /// libbpf returns negative error numbers.
    init(step: String, result: Int32, log: String = "") {
        self.init(step: step, errno: Errno(rawValue: result < 0 ? -result : result), log: log)
    }

    private static func code(for errno: Errno, log: String) -> Code {
        if log.contains("processed ") && log.contains(" insns") { return .rejected }
        switch errno {
        case .notPermitted: return .notPermitted
        case .noSuchProcess, .notSupported, .noSuchFileOrDirectory, .invalidArgument: return .unsupported
        default: return .failed
        }
    }

    public var description: String {
        switch code {
        case .notPermitted:
            "Could not \(step): the kernel does not permit it. Run as root, or with CAP_BPF and CAP_PERFMON."
        case .unsupported:
            "Could not \(step): this kernel lacks something that it needs (\(errno)). "
                + "`stallscope doctor` says what."
        case .rejected:
            "Could not \(step): the kernel's verifier refused a program. "
                + "This is a defect; please report it with the output of --log-level debug."
        case .missing:
            "Could not \(step): the BPF object does not have it. This is a defect of this build."
        case .failed:
            "Could not \(step): \(errno)."
        }
    }
}
