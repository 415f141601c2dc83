import Glibc
import Synchronization

/// Signals while the screen is shown: those that end it, suspend it, or change its size wake the loop that draws; those of a
/// crash put the terminal back before they do what they do.
public enum ScreenSignals {
    private static let stop = Atomic<Int32>(0)
    private static let suspend = Atomic<Bool>(false)
    private static let resume = Atomic<Bool>(false)
    private static let resize = Atomic<Bool>(false)
    private static let wakeEnd = Atomic<Int32>(-1)

    /// They ask for an orderly end; a second one ends the process at once, with the terminal as it was.
    public static let ending = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    private static let crashes = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS]

    /// The signal that asked for an end; nil as long as none did.
    public static var ended: Int32? {
        let signal = stop.load(ordering: .relaxed)
        return signal == 0 ? nil : signal
    }

    /// From now on signals end things in order, and a reader that is gone is an error of writing.
    public static func install() {
        Glibc.signal(SIGPIPE, SIG_IGN)
        for signal in ending {
            handle(signal) { signal in
                let isFirst = ScreenSignals.stop.exchange(signal, ordering: .relaxed) == 0
                // Of a terminal that is closed both the kernel and the shell tell: that is nobody's impatience.
                if !isFirst, signal != SIGHUP { ScreenSignals.die(signal) }
                ScreenSignals.wake()
            }
        }
    }

    /// And the screen's own, for as long as it is shown.
    static func installForScreen(waking pipe: WakePipe) {
        wakeEnd.store(pipe.writeEnd, ordering: .relaxed)
        handle(SIGTSTP) { _ in
            ScreenSignals.suspend.store(true, ordering: .relaxed)
            ScreenSignals.wake()
        }
        handle(SIGCONT) { _ in
            ScreenSignals.resume.store(true, ordering: .relaxed)
            ScreenSignals.wake()
        }
        handle(SIGWINCH) { _ in
            ScreenSignals.resize.store(true, ordering: .relaxed)
            ScreenSignals.wake()
        }
        for signal in crashes { handle(signal) { ScreenSignals.die($0) } }
    }

    /// The screen is gone: its pipe may not be written to any more.
    static func removeFromScreen() {
        wakeEnd.store(-1, ordering: .relaxed)
        for signal in [SIGTSTP, SIGCONT, SIGWINCH] + crashes { Glibc.signal(signal, SIG_DFL) }
    }

    static func takeSuspend() -> Bool { suspend.exchange(false, ordering: .relaxed) }
    static func takeResume() -> Bool { resume.exchange(false, ordering: .relaxed) }
    static func takeResize() -> Bool { resize.exchange(false, ordering: .relaxed) }

    /// Stops this process as Ctrl-Z does; returns when it goes on.
    static func stopHere() {
        Glibc.signal(SIGTSTP, SIG_DFL)
        raise(SIGTSTP)
        handle(SIGTSTP) { _ in
            ScreenSignals.suspend.store(true, ordering: .relaxed)
            ScreenSignals.wake()
        }
    }

    /// Keeps them away from a thread of its own, so that the one that draws gets them.
    static func blockHere() {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in ending + [SIGTSTP, SIGCONT, SIGWINCH] { sigaddset(&set, signal) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private static func die(_ signal: Int32) {
        RawTerminal.leave()
        Glibc.signal(signal, SIG_DFL)
        raise(signal)
    }

    private static func wake() {
        let end = wakeEnd.load(ordering: .relaxed)
        guard end >= 0 else { return }
        let code = errno
        var byte: UInt8 = 1
        _ = write(end, &byte, 1)
        errno = code
    }

    private static func handle(_ signal: Int32, _ handler: @convention(c) (Int32) -> Void) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = handler
        sigemptyset(&action.sa_mask)
        sigaction(signal, &action, nil)
    }
}
