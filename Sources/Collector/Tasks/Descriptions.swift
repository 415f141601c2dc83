/// How a process ended, from its exit code in the form of `wait(2)`.
func describeExit(_ code: Int32) -> String {
    let signal = code & 0x7f
    guard signal != 0 else { return "exited with status \((code >> 8) & 0xff)" }
    return "killed by \(signalNames[signal] ?? "signal \(signal)")"
        + (code & 0x80 != 0 ? ", core dumped" : "")
}

/// The signals that end processes, by their numbers on Linux.
private let signalNames: [Int32: String] = [
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS",
    8: "SIGFPE", 9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM",
    15: "SIGTERM", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
]
