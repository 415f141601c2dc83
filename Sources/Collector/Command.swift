import Glibc
import SystemPackage

/// A program that `record` starts in order to watch it.
public struct Command {
    public let pid: pid_t

    /// Starts a program, found in PATH, with this process's standard streams, environment and directory.
    public init(starting arguments: [String]) throws(CommandError) {
        guard let program = arguments.first else { throw CommandError(program: "", errno: .invalidArgument) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The program must not inherit what this process ignores or blocks.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var pointers = arguments.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var pid: pid_t = 0
        let result = posix_spawnp(&pid, program, nil, &attributes, pointers, environ)
        guard result == 0 else { throw CommandError(program: program, errno: Errno(rawValue: result)) }
        self.pid = pid
    }

    /// As the shell gives it: the exit status, or 128 and the signal; nil while it runs.
    public func exitStatus() -> Int32? {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    public func terminate() { kill(pid, SIGTERM) }
}

/// A command that cannot be started.
public struct CommandError: Error, CustomStringConvertible {
    public var program: String
    public var errno: Errno

    public var description: String {
        "could not start '\(program)': \(errno); check its name, and that it may be run."
    }
}
