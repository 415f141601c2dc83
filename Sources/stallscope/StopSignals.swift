import Collector
import Glibc
import Synchronization

/// SIGINT and SIGTERM ask for an orderly end; a second one ends the process at once.
enum StopSignals {
    private static let received = Atomic<Int32>(0)

    static func install() {
        for signal in [SIGINT, SIGTERM] {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { signal in
                StopSignals.received.store(signal, ordering: .relaxed)
                // The next one ends the process, but what was changed on the host is not to stay.
                if DelayAccounting.isEnabled { DelayAccounting.catchLast(signal) }
            }
            // Not restarted: whoever waits in the kernel is to look up.
            action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
            sigaction(signal, &action, nil)
        }
    }

    static var isStopping: Bool { received.load(ordering: .relaxed) != 0 }
}
