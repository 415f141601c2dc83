import ProcFS

/// Which processes must not become targets by themselves.
///
/// Half of a host talks to its system daemons: a log message or a name look-up would drag them in, and through
/// them everything else that talks to them.  They are left out unless the user names them as targets.
public struct FollowPolicy {
    private let patterns: NamePatterns
    private let proc: ProcTree

    /// Daemons that serve every process of a host, by their comm (of which the kernel keeps 15 bytes).
    static let daemons: Set<String> = [
        "systemd", "init", "dbus-daemon", "dbus-broker", "dbus-broker-lau", "rsyslogd", "syslog-ng",
        "syslogd",
        "sshd", "cron", "crond", "atd", "agetty", "login", "polkitd", "NetworkManager", "wpa_supplicant",
        "chronyd", "ntpd", "udevd", "snapd", "dockerd", "containerd", "containerd-shim", "crio", "conmon",
        "kubelet", "nscd", "sssd", "avahi-daemon", "auditd", "rpcbind", "Xorg", "tmux: server", "screen",
    ]

    /// - Parameter exclude: regular expressions for comm or command line.
    public init(exclude: [String] = [], proc: ProcTree = ProcTree()) throws(TargetError) {
        patterns = try NamePatterns(exclude, option: "--exclude")
        self.proc = proc
    }

    /// Why a process is left out; nil if it may be followed.
    public func refusal(comm: String, commandLine: @autoclosure () -> String) -> String? {
        if let pattern = patterns.match(comm: comm, commandLine: commandLine()) {
            return "it matches --exclude '\(pattern)'"
        }
        if Self.daemons.contains(comm) || comm.hasPrefix("systemd-") || comm.hasPrefix("containerd-shim") {
            return "it is a system daemon"
        }
        return nil
    }

    /// Everything that runs now and is left out: daemons, what the user excludes, and the collector with the
    /// shell, terminal and the like that it was started from.
    public func excludedNow(collector: UInt32) -> Set<UInt32> {
        let snapshot = proc.snapshot()
        var excluded: Set<UInt32> = [1, 2]
        var ancestor = collector
        while ancestor > 1, excluded.insert(ancestor).inserted, let stat = snapshot.processes[ancestor] {
            ancestor = stat.parentPID
        }
        for (pid, stat) in snapshot.processes where refusal(of: stat) != nil { excluded.insert(pid) }
        return excluded
    }

    private func refusal(of stat: ProcessStat) -> String? {
        refusal(comm: stat.comm, commandLine: stat.isKernelThread ? "" : proc.commandLine(of: stat.pid))
    }

    func commandLine(of pid: UInt32) -> String { proc.commandLine(of: pid) }
}
