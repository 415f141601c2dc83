import Foundation

/// A directory that looks like /proc and /sys/fs/cgroup, removed with its owner.
final class FakeTree {
    let root: String

    init() throws {
        root = NSTemporaryDirectory() + "procfs-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: root)
        } catch {
            print("could not remove \(root): \(error)")
        }
    }

    func write(_ path: String, _ content: String) throws {
        let full = root + "/" + path
        let directory = (full as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(content.utf8).write(to: URL(fileURLWithPath: full))
    }

    func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: root + "/" + path, withDestinationPath: target)
    }

    func makeDirectory(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: root + "/" + path, withIntermediateDirectories: true)
    }

    /// A process with one thread of the same id, and `threads` that `/proc` answers to but does not list.
    func addProcess(
        _ pid: Int, parent: Int = 1, comm: String, arguments: [String] = [], state: String = "S",
        isKernelThread: Bool = false, cgroup: String = "0::/\n", namespacePIDs: String? = nil
    ) throws {
        let flags = isKernelThread ? 0x0020_8040 : 0x40_0000
        let line = Self.statLine(pid, parent: parent, comm: comm, state: state, flags: flags)
        let namespaces = namespacePIDs ?? "\(pid)"
        let status = """
            Name:\t\(comm)
            Tgid:\t\(pid)
            PPid:\t\(parent)
            TracerPid:\t0
            Uid:\t1000\t1000\t1000\t1000
            NStgid:\t\(namespaces)
            NSpid:\t\(namespaces)
            CapEff:\t000001fffeffffff

            """
        for directory in ["\(pid)", "\(pid)/task/\(pid)"] {
            try write(directory + "/stat", line)
            try write(directory + "/status", status)
            try write(directory + "/schedstat", "1200 34 5\n")
        }
        try write("\(pid)/cmdline", arguments.map { $0 + "\0" }.joined())
        try write("\(pid)/cgroup", cgroup)
    }

    static func statLine(
        _ pid: Int, parent: Int = 1, comm: String, state: String = "S", flags: Int = 0x40_0000,
        threads: Int = 1, started: Int = 111_108
    ) -> String {
        "\(pid) (\(comm)) \(state) \(parent) 5917 3857 0 -1 \(flags) 100 0 0 0 0 0 0 0 20 0 \(threads) 0 "
            + "\(started) 3133440 410 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0\n"
    }
}
