import Glibc
import Synchronization
import SystemPackage

/// `kernel.task_delayacct`, turned on for as long as a recording goes on.
public enum DelayAccounting {
    private static let path = "/proc/sys/kernel/task_delayacct"
    /// Open for writing while the former value has to be restored; -1 otherwise.
    private static let descriptor = Atomic<Int32>(-1)
    /// The former value, one digit.
    private static let former = Atomic<UInt8>(0)

    /// Turns it on until ``restore()``, or until a signal ends this process.
    ///
    /// Signals that a process cannot catch (SIGKILL) leave it on.
    /// - Returns: whether it was off.
    public static func enable() throws(DelayAccountingError) -> Bool {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw DelayAccountingError(errno: Errno(rawValue: errno)) }
        var value: UInt8 = 0
        guard read(file, &value, 1) == 1 else {
            close(file)
            throw DelayAccountingError(errno: Errno(rawValue: errno))
        }
        guard value != UInt8(ascii: "1") else {
            close(file)
            return false
        }
        former.store(value, ordering: .relaxed)
        descriptor.store(file, ordering: .releasing)
        for signal in deadly { catchLast(signal) }
        guard set(UInt8(ascii: "1"), file) else {
            let error = Errno(rawValue: errno)
            descriptor.store(-1, ordering: .relaxed)
            close(file)
            throw DelayAccountingError(errno: error)
        }
        return true
    }

    /// Puts the former value back; does nothing the second time.
    public static func restore() {
        let file = descriptor.exchange(-1, ordering: .acquiringAndReleasing)
        guard file >= 0 else { return }
        _ = set(former.load(ordering: .relaxed), file)
        close(file)
    }

    /// Whether there is something to restore.
    public static var isEnabled: Bool { descriptor.load(ordering: .relaxed) >= 0 }

    /// Signals that would end the process without asking for an orderly end, crashes included.
    private static let deadly = [
        SIGHUP, SIGQUIT, SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS, SIGALRM,
    ]

    /// Restores the value when this signal comes, and then lets it do what it does.  Safe in a signal's handler.
    public static func catchLast(_ signal: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            DelayAccounting.restore()
            // Its default is in force again; that also ends a process that sent it to itself.
            raise(signal)
        }
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        sigaction(signal, &action, nil)
    }

    private static func set(_ value: UInt8, _ file: Int32) -> Bool {
        var value = value
        return pwrite(file, &value, 1, 0) == 1
    }
}

/// Delay accounting cannot be turned on.
public struct DelayAccountingError: Error, CustomStringConvertible {
    public var errno: Errno

    public var description: String {
        errno == .noSuchFileOrDirectory
            ? "This kernel has no delay accounting: leave out --enable-delayacct, or use Linux 5.14 or newer, built with "
                + "CONFIG_TASK_DELAY_ACCT=y."
            : "Could not turn on kernel.task_delayacct: \(errno). Run as root, or leave out --enable-delayacct."
    }
}
