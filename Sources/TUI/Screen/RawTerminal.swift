import Glibc
import Synchronization

/// A terminal in which keys come one by one and the other screen is shown, until it is left again: in order, at an
/// `exit` from anywhere, or from a signal handler.
enum RawTerminal {
    /// Where keys come from; -1 while the terminal is as it was.
    private static let input = Atomic<Int32>(-1)
    /// How it was, for whoever leaves: a signal handler may not allocate.
    nonisolated(unsafe) private static let former = UnsafeMutablePointer<termios>.allocate(capacity: 1)
    nonisolated(unsafe) private static let leaving: UnsafeMutableBufferPointer<UInt8> = {
        // Styles, cursor, the other screen, in this order.
        let bytes = Array("\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l".utf8)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        return buffer
    }()
    private static let isRegistered = Atomic<Bool>(false)

    /// - Parameter descriptor: of the terminal.
    static func enter(_ descriptor: Int32) throws(TerminalError) {
        guard tcgetattr(descriptor, former) == 0 else { throw .system("The terminal", errno) }
        _ = leaving
        var raw = former.pointee
        // Keys one by one and unseen; signals of keys stay, as they do what everybody expects.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        raw.c_iflag &= ~tcflag_t(IXON | ICRNL)
        if !isRegistered.exchange(true, ordering: .relaxed) { atexit { RawTerminal.leave() } }
        input.store(descriptor, ordering: .releasing)
        guard tcsetattr(descriptor, TCSADRAIN, &raw) == 0 else {
            let code = errno
            input.store(-1, ordering: .relaxed)
            throw .system("The terminal", code)
        }
        write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J")
    }

    /// As it was; does nothing the second time.  Safe in a signal handler.
    static func leave() {
        let descriptor = input.exchange(-1, ordering: .acquiringAndReleasing)
        guard descriptor >= 0 else { return }
        _ = Glibc.write(STDOUT_FILENO, leaving.baseAddress, leaving.count)
        // Without waiting for output: nobody may be reading any more.
        _ = tcsetattr(descriptor, TCSANOW, former)
    }

    static var isEntered: Bool { input.load(ordering: .relaxed) >= 0 }

    /// - Returns: false if the terminal is gone.
    @discardableResult
    static func write(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[rest.indices])
                let written = Glibc.write(STDOUT_FILENO, slice.baseAddress, slice.count)
                if written < 0, errno == EINTR { continue }
                if written < 0, errno == EAGAIN {
                    var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&entry, 1, 100)
                    continue
                }
                guard written > 0 else { return false }
                rest = rest.dropFirst(written)
            }
            return true
        }
    }

    /// Columns and rows; 80 and 24 where the terminal does not say.
    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
