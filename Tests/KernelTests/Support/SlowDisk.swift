import CommandRunning
import Foundation
import Testing

/// A block device that takes some 10 ms for 64 KiB, so that nothing a program does around a request counts beside it: a
/// loop device whose file lies on a disk from which a cgroup of the test's own may read only so much a second.
final class SlowDisk {
    /// `/dev/loop0`
    let path: String
    /// Whose processes it is slow for.
    let cgroup: String

    /// - Returns: nil where there is no v1 hierarchy for limits of block devices, or no loop device.
    init?(_ scratch: Scratch, megabytes: Int, bytesPerSecond: Int) throws {
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: " ").map(String.init) }
        let mount = mounts.first { $0[2] == "cgroup" && $0[3].split(separator: ",").contains("blkio") }
        guard let mount, access("/dev/loop-control", R_OK) == 0 else { return nil }
        let file = scratch.path("disk")
        let script = """
            dd if=/dev/zero of=\(file) bs=1M count=\(megabytes) oflag=direct status=none &&
                losetup --find --show --direct-io=on \(file)
            """
        let made = try RunningCommand.run(["-c", script], program: "/bin/sh")
        try #require(made.status == 0, "\(made.errors)")
        path = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        cgroup = "\(mount[1])/stallscope-test-\(UUID().uuidString)"
        try #require(mkdir(cgroup, 0o755) == 0)
        var status = stat()
        try #require(stat(file, &status) == 0)
        // A limit is of a whole disk, a file system may lie on a part of one.
        let part = "/sys/dev/block/\(status.st_dev >> 8 & 0xfff):\(status.st_dev & 0xff)"
        let whole = access(part + "/partition", F_OK) == 0 ? part + "/../dev" : part + "/dev"
        let number = try String(contentsOfFile: whole, encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
        try Data("\(number) \(bytesPerSecond)".utf8).write(
            to: URL(fileURLWithPath: "\(cgroup)/blkio.throttle.read_bps_device"))
    }

    deinit {
        do {
            let done = try RunningCommand.run(["--detach", path], program: "/sbin/losetup")
            if done.status != 0 { print("left behind: \(path): \(done.errors)") }
        } catch { print("left behind: \(path): \(error)") }
        if rmdir(cgroup) != 0 { print("left behind: \(cgroup)") }
    }
}
