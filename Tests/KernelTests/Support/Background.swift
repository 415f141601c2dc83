import Foundation
import Testing

/// A process that nobody watches, unless it is followed; it is ended with the test.
final class Background {
    private let process = Process()
    var pid: UInt32 { UInt32(process.processIdentifier) }

    init(_ command: [String]) throws {
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "exec \"$0\" \"$@\""] + command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
    }

    /// Runs a command to its end; it must succeed.
    static func run(_ command: String...) throws {
        let background = try Background(command)
        background.process.waitUntilExit()
        try #require(background.process.terminationStatus == 0, "\(command) failed")
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
