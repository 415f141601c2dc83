import ArgumentParser
import Model
import Probes

/// Which system calls to count: `--syscalls`, or `--syscalls=futex,read`.
struct SyscallList: ExpressibleByArgument, CustomStringConvertible {
    /// Numbers of the host's architecture.
    var numbers: Set<Int>
    /// Names that no system call has, each with those that are written like it.
    private var unknown: [(name: String, nearest: [String])] = []

    /// `--syscalls` alone stands for all.  The parser has options with a value that may be left out, but takes the list of
    /// `--syscalls=futex` for that default when another option follows.
    static func completed(_ arguments: [String]) -> [String] {
        let own = arguments.prefix { $0 != "--" }
        return own.map { $0 == "--syscalls" ? "--syscalls=all" : $0 } + arguments.dropFirst(own.count)
    }

    static let all = SyscallList(numbers: KernelPlane.Limits.allSyscalls)

    /// As `--help` shows it.
    var description: String { self.numbers == Self.all.numbers ? "all" : "\(numbers.count) of them" }

    private init(numbers: Set<Int>) { self.numbers = numbers }

    init?(argument: String) {
        guard argument != "all" else {
            self = .all
            return
        }
        numbers = []
        for name in argument.split(separator: ",").map(String.init) {
            let (number, nearest) = Syscalls.find(name)
            if let number { numbers.insert(number) } else { unknown.append((name, nearest)) }
        }
    }

    func validate() throws {
        if let wrong = unknown.first {
            let advice =
                wrong.nearest.isEmpty
                ? "`stallscope query FILE \"SELECT name FROM syscalls\"` lists all."
                : "Did you mean \(wrong.nearest.joined(separator: ", "))?"
            throw ValidationError("--syscalls: there is no system call \(wrong.name). \(advice)")
        }
        guard !numbers.isEmpty else {
            throw ValidationError(
                "--syscalls= needs names, as in --syscalls=futex,read; --syscalls alone is all.")
        }
    }
}
