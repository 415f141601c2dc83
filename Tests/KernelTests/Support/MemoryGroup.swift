import Foundation
import Testing

/// A cgroup of the test's own with little memory, where there is a v1 hierarchy for it.
final class MemoryGroup {
    let directory: String
    let path: String

    init?(bytes: Int) throws {
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        let mount = mounts.first { $0[2] == "cgroup" && $0[3].split(separator: ",").contains("memory") }
        guard let mount else { return nil }
        path = "/stallscope-test-\(UUID().uuidString)"
        directory = mount[1] + path
        try #require(mkdir(directory, 0o755) == 0)
        let limit = URL(fileURLWithPath: "\(directory)/memory.limit_in_bytes")
        try Data("\(bytes)".utf8).write(to: limit)
    }

    deinit {
        if rmdir(directory) != 0 { print("left behind: \(directory)") }
    }
}
