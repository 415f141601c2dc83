import CommandRunning
import Foundation
import Testing

/// A process that nobody watches, unless it is followed; it is ended with the test, and with it all that it has started.
final class Background {
    let pid: UInt32

    init(_ command: [String]) throws {
        pid = UInt32(try Self.start(command))
    }

    deinit {
        _ = kill(-pid_t(pid), SIGKILL)
        waitpid(pid_t(pid), nil, 0)
    }

    /// Runs a command to its end; it must succeed.
    static func run(_ command: String...) throws {
        var status: Int32 = 0
        let pid = try start(command)
        while waitpid(pid, &status, 0) == -1, errno == EINTR {}
        try #require(status == 0, "\(command) failed")
    }

    private static func start(_ command: [String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        return try spawn(command, &actions, inOwnGroup: true)
    }
}

/// Two network namespaces that are joined by a cable, as two hosts are.
final class TwoHosts {
    let near: String
    let far: String
    let nearAddress = "10.201.7.1"

    init() throws {
        let suffix = String(getpid())
        near = "stall-near-\(suffix)"
        far = "stall-far-\(suffix)"
        try Background.run("ip", "netns", "add", near)
        try Background.run("ip", "netns", "add", far)
        try Background.run(
            "ip", "link", "add", "cable", "netns", near, "type", "veth", "peer", "name", "cable", "netns", far
        )
        for (host, address) in [(near, nearAddress), (far, "10.201.7.2")] {
            try Background.run("ip", "-n", host, "address", "add", "\(address)/24", "dev", "cable")
            try Background.run("ip", "-n", host, "link", "set", "cable", "up")
        }
    }

    deinit {
        try? Background.run("ip", "netns", "delete", near)
        try? Background.run("ip", "netns", "delete", far)
    }

    /// What comes in is delivered by that CPU, whoever sent it: in an interrupt of whatever runs there.
    func deliverAtNearOn(cpu: Int) throws {
        let mask = String(1 << cpu, radix: 16)
        try Background.run(
            "ip", "netns", "exec", near, "sh", "-c", "echo \(mask) >/sys/class/net/cable/queues/rx-0/rps_cpus"
        )
    }
}
