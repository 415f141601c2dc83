import SystemPackage

/// A request over netlink that the kernel did not fulfil.
public struct NetlinkError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The caller may not ask.
        case notPermitted
        /// The kernel has no such family, or not in this network namespace.
        case noFamily
        /// There is no such thread any more.
        case noThread
        /// Any other failed call.
        case failed
    }

    public var code: Code
    /// What was being done, as in "ask for exit records".
    public var step: String
    public var errno: Errno

    init(step: String, errno: Errno, code: Code? = nil) {
        self.step = step
        self.errno = errno
        self.code =
            code
            ?? {
                switch errno {
                case .notPermitted, .permissionDenied: .notPermitted
                case .noSuchProcess: .noThread
                default: .failed
                }
            }()
    }

    /// What happened, without a full stop.
    public var fact: String {
        switch code {
        case .notPermitted: "could not \(step): the kernel does not permit it"
        case .noFamily: "could not \(step): there is no taskstats here"
        case .noThread: "could not \(step): there is no such thread"
        case .failed: "could not \(step): \(errno)"
        }
    }

    /// What to do about it.
    public var remedy: String {
        switch code {
        case .notPermitted: "Run as root, or with CAP_NET_ADMIN."
        case .noFamily: "Run in the host's network namespace, on a kernel built with CONFIG_TASKSTATS=y."
        case .noThread: "It has ended; nothing needs doing."
        case .failed: "Run in the host's pid and user namespaces, as root."
        }
    }

    public var description: String { fact.prefix(1).uppercased() + fact.dropFirst() + ". " + remedy }
}
