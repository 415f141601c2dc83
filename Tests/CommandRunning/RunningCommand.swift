import Foundation

/// A `stallscope` under test, run as a user runs it: a process of its own, with arguments, output and an
/// exit status.
public final class RunningCommand {
    public struct Result: Sendable {
        /// The exit status, or minus the number of the signal that ended it.
        public var status: Int32
        public var output: String
        public var errors: String
    }

    /// `stallscope` beside the bundle that the tests are in.
    public static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "stallscope").path

    public let pid: pid_t
    private let outputFile: String
    private let errorFile: String
    private let terminal: Int32?
    private var hasEnded = false

    /// - Parameters:
    ///   - launcher: a command, with its arguments, that the program is started through.
    ///   - directory: where it runs; nil: where the tests run.
    ///   - onTerminal: its stderr is a terminal of its own.
    public init(
        _ arguments: [String], program: String = RunningCommand.program, launcher: [String] = [],
        directory: String? = nil, onTerminal: Bool = false
    ) throws {
        let name = FileManager.default.temporaryDirectory.path + "/stallscope-run-" + UUID().uuidString
        outputFile = name + ".out"
        errorFile = name + ".err"
        let terminal = onTerminal ? try Terminal() : nil
        self.terminal = terminal?.descriptor

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, outputFile, flags, 0o600)
        let errors = terminal?.path ?? errorFile
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, flags, 0o600)

        let change = directory.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0] } ?? []
        let words = change + launcher + [program] + arguments
        pid = try spawn(words, &actions)
    }

    /// Runs to the end.
    public static func run(
        _ arguments: [String], program: String = RunningCommand.program, launcher: [String] = [],
        directory: String? = nil, onTerminal: Bool = false
    ) throws -> Result {
        let command = try RunningCommand(
            arguments, program: program, launcher: launcher, directory: directory, onTerminal: onTerminal)
        return try command.wait()
    }

    public func send(_ signal: Int32) {
        // A pid that was waited for may be another's by now.
        if !hasEnded { kill(pid, signal) }
    }

    /// Kills it, unless ``wait()`` has seen its end, and forgets what it said.
    public func end() {
        guard !hasEnded else { return }
        send(SIGKILL)
        do { _ = try wait() } catch { print("\(pid) left nothing to read: \(error)") }
    }

    /// Waits for its end, once; kills it after a minute, which no test needs.
    public func wait() throws -> Result {
        var status: Int32 = 0
        var tries = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            tries += 1
            if tries == 6000 { kill(pid, SIGKILL) }
            usleep(10_000)
        }
        hasEnded = true
        let signal = status & 0x7f
        let errors = terminal.map(Terminal.drain)
        return Result(
            status: signal == 0 ? (status >> 8) & 0xff : -signal, output: try Self.take(outputFile),
            errors: try errors ?? Self.take(errorFile))
    }

    private static func take(_ path: String) throws -> String {
        defer { unlink(path) }
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}

/// A terminal that a program can write to, and whose screen a test can read.
private struct Terminal {
    /// The end that tests read.
    var descriptor: Int32
    var path: String

    init() throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var number: Int32 = -1
        var locked: Int32 = 0
        guard descriptor >= 0, ioctl(descriptor, Self.setLock, &locked) == 0,
            ioctl(descriptor, Self.getNumber, &number) == 0
        else { throw CocoaError(.fileReadUnknown, userInfo: ["errno": errno]) }
        path = "/dev/pts/\(number)"
    }

    /// TIOCSPTLCK and TIOCGPTN of asm-generic/ioctls.h, which Swift does not import.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// Everything that was written to it; whoever wrote has ended.
    static func drain(_ descriptor: Int32) -> String {
        defer { close(descriptor) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            // Without a writer, what is there is read first, and then an error comes.
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }
}
