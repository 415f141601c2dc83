/// One function of a call stack, as it was named while its process was there.
public struct StackFrame: Sendable, Hashable {
    /// Demangled; empty if no symbol is known.
    public var function: String
    /// The file that the code is from, without its directories; `kernel`, or the kernel's module; empty if unknown.
    public var module: String
    /// An address as `nm` and `addr2line` show it for that file; in memory without a file, and in the kernel, that of the
    /// memory.
    public var address: UInt64
    /// Bytes from the function's beginning.
    public var offset: UInt64
    /// Where the debug information says that it comes from; empty and 0 without any.
    public var file: String
    public var line: UInt32
    public var isKernel: Bool

    public init(
        function: String, module: String, address: UInt64 = 0, offset: UInt64 = 0, file: String = "",
        line: UInt32 = 0, isKernel: Bool = false
    ) {
        (self.function, self.module, self.address, self.offset) = (function, module, address, offset)
        (self.file, self.line, self.isKernel) = (file, line, isKernel)
    }

    /// `inner`, `libc.so.6+0x8a1b3`, `0x7f3201a0`; `_[k]` at its end marks the kernel's, as in flame graphs.
    public var name: String {
        let number = "0x" + String(address, radix: 16)
        let plain = !function.isEmpty ? function : module.isEmpty ? number : "\(module)+\(number)"
        return isKernel ? plain + "_[k]" : plain
    }
}

/// A stack that a recording holds: its frames, by their ids, the innermost first.
public struct CallStack: Sendable, Equatable {
    public var id: Int64
    public var frames: [Int64]
    /// `main;outer;inner`, the outermost first.
    public var folded: String

    public init(id: Int64, frames: [Int64], folded: String) {
        (self.id, self.frames, self.folded) = (id, frames, folded)
    }
}

/// Waits of one thread in one tick that have in common where it waited, for what, and who ended them from where.
public struct StackWaitSample: Sendable {
    /// ``CallStack/id``; 0: there is none.
    public var stack: Int64
    public var wakerStack: Int64
    public var kind: WaitKind
    /// As in ``WaitSubject/resource``.
    public var resource: Int64
    public var waker: Waker
    /// As in ``WaitSample``.
    public var count: UInt64
    public var total: UInt64
    public var longest: UInt64
    /// One of them began in an earlier tick, which has its time there as `pending`.
    public var isCarried: Bool

    public init(
        stack: Int64, wakerStack: Int64, kind: WaitKind, resource: Int64, waker: Waker, count: UInt64,
        total: UInt64, longest: UInt64 = 0, isCarried: Bool = false
    ) {
        (self.stack, self.wakerStack, self.kind, self.resource) = (stack, wakerStack, kind, resource)
        (self.waker, self.count, self.total, self.longest) = (waker, count, total, longest)
        self.isCarried = isCarried
    }
}
