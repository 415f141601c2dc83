import Foundation

/// Threads beside the one that draws.
public enum Worker {
    /// Runs `body` on a thread of its own, to which signals that concern the screen do not come.
    public static func start(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread {
            ScreenSignals.blockHere()
            body()
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }
}
