import Model
import Testing

/// Waits for TCP and UDP sockets over loopback: the sender is named, although what it sends is delivered in an
/// interrupt.
@Suite(.needsKernel, .serialized) struct InetTests {
    private struct Case {
        var operation: String
        var address = "127.0.0.1"
    }

    private static let cases = ["accept", "read", "write", "udp"].flatMap {
        [Case(operation: $0), Case(operation: $0, address: "::1")]
    }

    @Test func waits() throws {
        let runs = try Observation.ofEach(
            Self.cases.map { ["inet_waits", "5", "1", $0.operation, $0.address] }
                + [["inet_waits", "1", "1", "connect"]])
        for (seen, test) in zip(runs, Self.cases) { try expect(seen, test) }
        try expectConnecting(runs[Self.cases.count])
    }

    private func expect(_ seen: Observation, _ test: Case) throws {
        let expected: ExpectedWait =
            switch test.operation {
            case "accept": ExpectedWait(kind: .accept, resource: .inet, direction: .read, stead: .network)
            // The sender's own part: it is woken, and its round goes on, when room enough has been made.
            case "write": ExpectedWait(kind: .inet, resource: .inet, direction: .write, stead: .network)
            default: ExpectedWait(kind: .inet, resource: .inet, direction: .read, stead: .network)
            }
        let resources = try seen.expect(expected).compactMap { seen.resources[$0] }
        #expect(resources.count == 1)
        for resource in resources {
            #expect(resource.socketType == (test.operation == "udp" ? "udp" : "tcp"))
            #expect(resource.netNamespace != 0)
            switch test.operation {
            case "accept": #expect(resource.direction == .listening)
            case "read": #expect(resource.direction == .inbound)
            case "write": #expect(resource.direction == .outbound)
            default: #expect(resource.remoteAddress.isEmpty)
            }
            let host = test.address == "::1" ? "[::1]:" : "127.0.0.1:"
            #expect(resource.localAddress.hasPrefix(host), "\(resource.localAddress)")
            #expect(resource.remoteAddress.isEmpty || resource.remoteAddress.hasPrefix(host))
        }
    }

    /// The queue is full, so the kernel tries again after a second; it is the answer that ends the wait.
    private func expectConnecting(_ seen: Observation) throws {
        let truth = try seen.truth("waiter")
        let all = seen.namedWaits.filter { $0.thread.tid == truth.tid }
        let waits = all.filter { $0.wait.subject.kind == .connect }
        let port = seen.resourceTruths("waiter").first?.peer_port ?? 0
        seen.expectBrackets(of: waits, truth, of: all)
        for named in waits {
            #expect(named.isUnseen || named.wait.count == 0 || named.wait.waker.kind == .network, "\(named)")
            #expect(!named.wait.timedOut)
            #expect(named.resource?.remoteAddress == "127.0.0.1:\(port)", "\(named)")
            #expect(named.resource?.direction == .outbound)
        }
    }
}
