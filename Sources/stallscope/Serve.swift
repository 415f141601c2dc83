import ArgumentParser
import Glibc

/// `stallscope serve FILE-OR-FOLDER`: becomes `stallscope-serve`, a program of its own, for the sake of those who
/// need no HTTP server.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves recordings to browsers, and metrics to Prometheus; to read only.",
        discussion: """
            Done by the program stallscope-serve, which `make web` builds. It must be beside
            this one. `stallscope serve --help` is its own help.

            EXAMPLES:
              stallscope serve app.stall
              stallscope serve /var/lib/stallscope
            """)

    @Argument(
        parsing: .captureForPassthrough, help: "A recording or a folder of recordings, and options for it.")
    var arguments: [String] = []

    func run() throws {
        let program = try Self.directory() + "/stallscope-serve"
        let words = ([program] + arguments).map { strdup($0) }
        execv(program, words + [nil])
        let reason = String(cString: strerror(errno))
        for word in words { free(word) }
        throw ValidationError(
            "\(program) cannot be run: \(reason). `make web` builds it; then it must be put beside this program."
        )
    }

    /// Where this very program is.
    private static func directory() throws -> String {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        guard length > 0 else {
            throw ValidationError("This program's own place is unknown: /proc/self/exe cannot be read.")
        }
        let whole = String(decoding: path[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return String(whole[..<(whole.lastIndex(of: "/") ?? whole.startIndex)])
    }
}
