import Glibc
import Synchronization

/// A pipe that wakes a thread which waits in poll: from other threads, and from signal handlers.
final class WakePipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    /// - Throws: ``TerminalError`` if no more files can be opened.
    init() throws(TerminalError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("A pipe", errno) }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    func wake() {
        var byte: UInt8 = 1
        // Full is as good: whoever waits wakes.
        _ = write(writeEnd, &byte, 1)
    }

    /// Takes what was written, so that the next poll waits again.
    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(readEnd, &bytes, bytes.count) > 0 {}
    }

    /// Waits for a wake, at most so long.
    func wait(milliseconds: Int32) {
        var entry = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, milliseconds)
        drain()
    }
}

/// A terminal that cannot be used; the description says what to do.
public enum TerminalError: Error, CustomStringConvertible, Sendable {
    case noTerminal
    case system(String, Int32)

    public var description: String {
        switch self {
        case .noTerminal:
            "There is no terminal for the keys: run it in a terminal, or with --batch to print text."
        case .system(let what, let code):
            "\(what) could not be set up: \(String(cString: strerror(code))). --batch prints text instead."
        }
    }
}
