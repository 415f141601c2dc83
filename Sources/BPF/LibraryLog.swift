import CLibbpf
import Glibc
import Synchronization

/// What libbpf prints, kept for the error that may follow instead of going to stderr.
enum LibraryLog {
    private static let lines = Mutex<[String]>([])
    private static let isInstalled = Mutex(false)

    static func install() {
        isInstalled.withLock { installed in
            guard !installed else { return }
            installed = true
            libbpf_set_print { level, format, arguments in
                guard let format, let arguments, level != LIBBPF_DEBUG else { return 0 }
                var buffer = [CChar](repeating: 0, count: 1 << 16)
                let length = vsnprintf(&buffer, buffer.count, format, arguments)
                let kept = buffer.prefix(Int(max(0, min(length, Int32(buffer.count - 1)))))
                let line = String(decoding: kept.map(UInt8.init(bitPattern:)), as: UTF8.self)
                LibraryLog.lines.withLock { $0.append(line) }
                return length
            }
        }
    }

    /// What was printed since the last call.
    static func take() -> String {
        lines.withLock { lines in
            defer { lines.removeAll() }
            return lines.joined()
        }
    }
}
