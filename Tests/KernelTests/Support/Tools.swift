import Foundation
import Testing

/// Where a program that these tests need is.
func tool(_ name: String) throws -> String {
    try #require(findTool(name), "\(name) is not installed")
}

func findTool(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin"
    // Debian keeps the tracing tools where only root's PATH looks.
    let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin"]
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

extension Trait where Self == ConditionTrait {
    /// Under emulation there is no such tool, nor would a comparison of times mean anything.
    static func needsPeer(_ name: String) -> Self {
        .enabled(
            if: !KernelAccess.isEmulated && (KernelAccess.isRequired || findTool(name) != nil),
            "compares with \(name), which is not installed or has no meaning here")
    }
}
