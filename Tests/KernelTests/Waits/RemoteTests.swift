import CommandRunning
import Foundation
import Model
import Testing

/// Data that comes from another host, of which the sender is not known.
@Suite(.needsKernel, .needsNetwork, .serialized) struct RemoteTests {
    /// The packets arrive on a CPU where somebody computes, which is not the one that the sender runs on.
    @Test func aRemoteSenderIsTheNetwork() throws {
        let hosts = try TwoHosts()
        try hosts.deliverAtNearOn(cpu: 0)
        let spinner = try Background(["taskset", "-c", "0", "/bin/sh", "-c", "while :; do :; done"])
        let client = try client(hosts)
        let seen = try server(hosts)
        let waits = try seen.expectWaits("waiter", .inet)
        for wait in waits where wait.count > 0 {
            #expect([.network, .unknown].contains(wait.waker.kind), "\(wait)")
            #expect(![spinner.pid, client.pid].contains(wait.waker.pid), "\(wait)")
        }
        let connection = try seen.resource(of: waits)
        #expect(connection.remoteAddress.hasPrefix("10.201.7.2:"))
        #expect(connection.direction == .inbound)
    }

    /// Both ends are on this machine after all, and the interrupt is the sender's own: then it may be named.
    @Test func aSenderInAnotherNamespaceIsNamed() throws {
        let hosts = try TwoHosts()
        let client = try client(hosts)
        let seen = try server(hosts)
        let waits = try seen.expectWaits("waiter", .inet).filter { $0.count > 0 }
        for wait in waits {
            #expect(
                [.network, .unknown].contains(wait.waker.kind) || wait.waker.tid == client.pid, "\(wait)")
        }
        #expect(waits.contains { $0.waker.tid == client.pid }, "\(waits)")
    }

    private let scratch: Scratch

    /// The two share a file, by which they go in step.
    init() throws {
        scratch = try Scratch()
        try Data().write(to: URL(fileURLWithPath: scratch.path("pair")))
    }

    private func side(_ host: String, _ address: String, _ cpu: Int, _ side: String) throws -> [String] {
        [
            "ip", "netns", "exec", host, "env", "PAIR_FILE=\(scratch.path("pair"))", "taskset", "-c",
            "\(cpu)",
            try TestProgram("inet_waits").path, "20", "1", "read", address, "7001", side,
        ]
    }

    private func client(_ hosts: TwoHosts) throws -> Background {
        try Background(side(hosts.far, hosts.nearAddress, 1, "client"))
    }

    private func server(_ hosts: TwoHosts) throws -> Observation {
        let words = try side(hosts.near, hosts.nearAddress, 0, "server")
        let seen = try Observation.of(path: tool("ip"), Array(words.dropFirst()), printsTruth: true)
        seen.expectTimeIsConserved()
        #expect(seen.losses.isEmpty)
        return seen
    }
}
