import Foundation
import ProcFS

/// Directories that look like /proc and /sys, removed with their owner.
final class FakeHost {
    let root: String
    var files: HostFiles { HostFiles(proc: root + "/proc", sys: root + "/sys") }

    /// A host where nothing is missing.
    init() throws {
        root = NSTemporaryDirectory() + "doctor-tests-" + UUID().uuidString
        try write("proc/sys/kernel/osrelease", "6.12.1-cloud\n")
        try write("proc/self/status", "Tgid:\t7\nCapEff:\t000001ffffffffff\n")
        try write(
            "proc/self/limits",
            "Limit                     Soft Limit           Hard Limit           Units     \n"
                + "Max locked memory         65536                unlimited            bytes     \n")
        try write(
            "proc/self/mountinfo",
            "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n")
        try write("proc/kallsyms", "0000000000000000 D __per_cpu_start\nffffffff81000000 T startup_64\n")
        try write("proc/sys/kernel/task_delayacct", "1\n")
        try write("proc/pressure/cpu", "some avg10=0.00\n")
        try write("proc/schedstat", "version 17\n")
        try write("sys/kernel/btf/vmlinux", "")
        try write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")
        try write("sys/bus/event_source/devices/cpu/type", "4\n")
        try link("proc/self/ns/pid", to: "pid:[4026531836]")
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: root)
        } catch {
            print("could not remove \(root): \(error)")
        }
    }

    func write(_ path: String, _ content: String) throws {
        try makeDirectory(of: path)
        try Data(content.utf8).write(to: URL(fileURLWithPath: root + "/" + path))
    }

    func link(_ path: String, to target: String) throws {
        try makeDirectory(of: path)
        let place = root + "/" + path
        unlink(place)
        try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: target)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: root + "/" + path) }

    private func makeDirectory(of path: String) throws {
        let directory = (root + "/" + path as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }
}
