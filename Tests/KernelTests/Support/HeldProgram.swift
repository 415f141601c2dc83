import CommandRunning
import Foundation
import Testing

/// A test program that runs, and waits to be released before it does anything, so that it can be watched first.
final class HeldProgram {
    let pid: UInt32
    private let name: String
    private let output: URL
    private let input: FileHandle
    private var status: Int32?

    /// - Parameter launcher: a command, with its arguments, that becomes the program.
    init(_ name: String, _ arguments: [String] = [], launcher: [String] = []) throws {
        self.name = name
        output = FileManager.default.temporaryDirectory.appending(path: "stallscope-\(UUID().uuidString)")
        let pipe = Pipe()
        input = pipe.fileHandleForWriting
        _ = fcntl(input.fileDescriptor, F_SETFD, FD_CLOEXEC)

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe.fileHandleForReading.fileDescriptor, STDIN_FILENO)
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.path, flags, 0o600)

        let hold = "HOLD=1 exec \"$0\" \"$@\""
        let words = ["/bin/sh", "-c", hold] + launcher + [try TestProgram(name).path] + arguments
        pid = UInt32(try spawn(words, &actions, inOwnGroup: true))
        // It is ready when it has said that it starts.
        try #require(waits { try !said().isEmpty }, "\(name) does not start")
    }

    deinit {
        // With all that it has started.
        if isRunning { _ = kill(-pid_t(pid), SIGKILL) }
        unlink(output.path)
    }

    func release() {
        do { try input.write(contentsOf: Data("x".utf8)) } catch { Issue.record("\(name): \(error)") }
    }

    var isRunning: Bool {
        if status == nil {
            var ended: Int32 = 0
            if waitpid(pid_t(pid), &ended, WNOHANG) == pid_t(pid) { status = ended }
        }
        return status == nil
    }

    func send(_ signal: Int32) { kill(pid_t(pid), signal) }

    /// Everything that it has told, up to its end, which is awaited for 20 s.
    func end() throws -> [Truth] {
        #expect(waits { !isRunning }, "\(name) does not end")
        #expect(status == 0, "\(name) did not end well")
        return try said()
    }

    func said() throws -> [Truth] {
        let said = try Data(contentsOf: output)
        // The last line may be half written.
        return try Truth.lines(said[..<(said.lastIndex(of: UInt8(ascii: "\n")) ?? said.startIndex)])
    }
}

/// Whether something becomes true within 20 s.
func waits(until condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<2000 {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}
