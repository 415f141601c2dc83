import BPF
import Foundation

/// What the kernel's verifier said of programs that it refused: too much for a terminal, and just what whoever mends them
/// needs.
enum VerifierLog {
    /// - Returns: the file that it was written to; nil if there is nothing to write, or no place for it.
    static func keep(_ log: String) -> String? {
        guard !log.isEmpty else { return nil }
        let path = FileManager.default.temporaryDirectory.path + "/stallscope-verifier-\(getpid()).log"
        let isWritten = FileManager.default.createFile(
            atPath: path, contents: Data(log.utf8), attributes: [.posixPermissions: 0o600])
        return isWritten ? path : nil
    }

    /// The programs were refused, and where the reasons are.
    struct Refusal: Error, CustomStringConvertible {
        var error: BPFError
        var note: String

        var description: String { "\(error)\(note)" }
    }
}
