import SystemPackage
import Testing

@testable import BPF

/// Errors of libbpf as sentences that say what to do next.
@Suite struct ErrorTests {
    @Test(arguments: [
        (Errno.notPermitted, BPFError.Code.notPermitted, "Run as root"),
        (.noSuchProcess, .unsupported, "stallscope doctor"),
        (.invalidArgument, .unsupported, "stallscope doctor"),
        (.noMemory, .failed, "memory"),
    ])
    func everyErrorSaysWhatToDo(errno: Errno, code: BPFError.Code, advice: String) {
        let error = BPFError(step: "load the BPF programs", errno: errno)
        #expect(error.code == code)
        #expect(error.description.hasPrefix("Could not load the BPF programs: "))
        #expect(error.description.contains(advice), "\(error)")
    }

    @Test func resultsOfLibbpfAreNegativeErrorNumbers() {
        #expect(BPFError(step: "attach", result: -12).errno == .noMemory)
        #expect(BPFError(step: "attach", result: 12).errno == .noMemory)
    }

    /// The kernel says EACCES or EINVAL; only the log tells that it was the verifier.
    @Test func aRefusalByTheVerifierIsADefectOfOurs() {
        let log = "0: R1=ctx() R10=fp0\nR2 !read_ok\nprocessed 1 insns (limit 1000000)\n"
        let error = BPFError(step: "load the BPF programs", errno: .invalidArgument, log: log)
        #expect(error.code == .rejected)
        #expect(error.verifierLog == log)
        #expect(error.description.contains("--log-level debug"))
        #expect(!error.description.contains("R2 !read_ok"))
    }

    @Test(arguments: [[], [0x7f, 0x45, 0x4c, 0x46], [UInt8](repeating: 0x41, count: 5000)] as [[UInt8]])
    func whatIsNoObjectIsNotOpened(bytes: [UInt8]) {
        let error = #expect(throws: BPFError.self) {
            _ = try OpenObject(bytes, name: "garbage")
        }
        #expect(error?.step == "open the BPF object")
    }
}
