import Foundation
import Model
import Testing

/// Data that comes from another host, of which the sender is not known.
@Suite(.needsKernel, .needsNetwork, .serialized) struct RemoteTests {
    /// The packets arrive on a CPU where somebody computes, which is not the one that the sender runs on.
    @Test func aRemoteSenderIsTheNetwork() throws {
        let hosts = try TwoHosts()
        try hosts.deliverAtNearOn(cpu: 0)
        let program = try TestProgram("inet_waits").path
        let burner = try Background(["taskset", "-c", "0", TestProgram("burner").path, "1", "1500"])
        let client = try client(hosts, program)
        let seen = try server(hosts, program, how: "read")
        try seen.expect(ExpectedWait(kind: .inet, resource: .inet, direction: .read, waker: .network))
        let waits = seen.namedWaits.filter { $0.resource?.kind == .inet }
        let strangers = waits.filter { [burner.pid, client.pid].contains($0.wait.waker.pid) }
        #expect(strangers.isEmpty, "\(Observation.list(waits))")
        let connection = try #require(waits.first { $0.wait.subject.kind == .inet }?.resource)
        #expect(connection.remoteAddress.hasPrefix("10.201.7.2:"))
        #expect(connection.direction == .inbound)
    }

    /// Both ends are on this machine after all, and the interrupt is the sender's own: then it may be named.
    @Test func aSenderInAnotherNamespaceIsNamed() throws {
        let hosts = try TwoHosts()
        let program = try TestProgram("inet_waits").path
        let client = try client(hosts, program)
        let seen = try server(hosts, program, how: "read")
        let waits = seen.namedWaits.filter { $0.wait.subject.kind == .inet }
        #expect(waits.reduce(0) { $0 + $1.wait.count } >= 10)
        for named in waits {
            #expect(named.wait.waker.kind == .network || named.wait.waker.tid == client.pid, "\(named)")
        }
        #expect(waits.contains { $0.wait.waker.tid == client.pid }, "\(Observation.list(waits))")
    }

    private func client(_ hosts: TwoHosts, _ program: String) throws -> Background {
        try Background([
            "ip", "netns", "exec", hosts.far, "taskset", "-c", "1", program, "20", "10", "read",
            hosts.nearAddress,
            "7001", "client",
        ])
    }

    private func server(_ hosts: TwoHosts, _ program: String, how: String) throws -> Observation {
        let ip = try #require(
            ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"].first {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        return try Observation.of(
            path: ip,
            ["netns", "exec", hosts.near, program, "20", "10", how, hosts.nearAddress, "7001", "server"],
            printsTruth: true)
    }
}
