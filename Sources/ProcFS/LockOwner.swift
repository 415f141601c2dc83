import Glibc

/// Who holds the lock that a thread sleeps for, as the lock itself says in the process's memory.
///
/// A futex says nothing of its owner, but the two kinds of locks in wide use do: glibc's mutex has the owner's thread id
/// 8 bytes behind the word that is slept on, which is 2 while somebody waits (nptl/lowlevellock.h, struct
/// __pthread_mutex_s), and a lock with priority inheritance has it in the word (futex(2), FUTEX_TID_MASK).
public enum LockOwner {
    /// The number of futex(2) on the architectures that Stallscope knows, x86-64 and arm64.
    #if arch(arm64)
        static let futexCall = 98
    #else
        static let futexCall = 202
    #endif

    /// - Returns: the owner's thread id in the process's own pid namespace; nil if the thread does not sleep for such a
    ///   lock.  Whether such a thread exists is up to the caller: memory may hold anything.
    public static func read(pid: UInt32, tid: UInt32, proc: String = "/proc") -> UInt32? {
        let call = FileAccess.read("\(proc)/\(pid)/task/\(tid)/syscall", limit: 4096)
        guard let line = call.bytes, let wait = Wait(parsing: line) else { return nil }
        let memory = FileAccess.retrying { open("\(proc)/\(pid)/mem", O_RDONLY | O_CLOEXEC) }
        guard memory >= 0 else { return nil }
        defer { close(memory) }
        var words: (UInt32, UInt32, UInt32) = (0, 0, 0)
        let count = withUnsafeMutableBytes(of: &words) { buffer in
            FileAccess.retrying {
                pread(memory, buffer.baseAddress, buffer.count, off_t(bitPattern: UInt(wait.address)))
            }
        }
        guard count >= 4 else { return nil }
        return owner(wait, word: words.0, behind: count == 12 ? words.2 : 0)
    }

    /// A call to futex(2) that sleeps.
    struct Wait: Equatable {
        var address: UInt64
        var inherits: Bool

        init(address: UInt64, inherits: Bool) { (self.address, self.inherits) = (address, inherits) }

        /// A line of `/proc/PID/syscall`: number, six arguments, stack and instruction pointer.
        init?(parsing line: some Sequence<UInt8>) {
            let words = String(decoding: Array(line), as: UTF8.self).split { $0 == " " || $0 == "\n" }
            guard words.count >= 3, Int(words[0]) == LockOwner.futexCall,
                let address = UInt64(words[1].dropFirst(2), radix: 16),
                let operation = UInt64(words[2].dropFirst(2), radix: 16)
            else { return nil }
            // FUTEX_WAIT 0, FUTEX_LOCK_PI 6, FUTEX_WAIT_BITSET 9, FUTEX_LOCK_PI2 13; above them flags.
            switch operation & 0x7f {
            case 0, 9: self.init(address: address, inherits: false)
            case 6, 13: self.init(address: address, inherits: true)
            default: return nil
            }
        }
    }

    static func owner(_ wait: Wait, word: UInt32, behind: UInt32) -> UInt32? {
        let owner = wait.inherits ? word & 0x3fff_ffff : word == 2 ? behind : 0
        return owner == 0 ? nil : owner
    }
}
