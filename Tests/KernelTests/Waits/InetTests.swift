import Model
import Testing

/// Waits for TCP and UDP sockets over loopback: the sender is named, although what it sends is delivered in an
/// interrupt.
@Suite(.needsKernel, .serialized) struct InetTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var operation: String
        var address = "127.0.0.1"
        var testDescription: String { "\(operation) \(address)" }
    }

    static let cases = ["accept", "read", "write", "udp"].flatMap {
        [Case(operation: $0), Case(operation: $0, address: "::1")]
    }

    @Test(arguments: cases) func waits(_ test: Case) throws {
        let seen = try Observation.of("inet_waits", ["10", "10", test.operation, test.address])
        let expected: ExpectedWait =
            switch test.operation {
            case "accept": ExpectedWait(kind: .accept, resource: .inet, direction: .read)
            // The sender's own part: it is woken, and its round goes on, when room enough has been made.
            case "write": ExpectedWait(kind: .inet, resource: .inet, direction: .write)
            default: ExpectedWait(kind: .inet, resource: .inet, direction: .read)
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
    @Test func connectingToAFullQueue() throws {
        let seen = try Observation.of("inet_waits", ["1", "100", "connect"])
        let truth = try seen.truth("waiter")
        let all = seen.namedWaits.filter { $0.thread.tid == truth.tid }
        let waits = all.filter { $0.wait.subject.kind == .connect && $0.wait.waker.kind == .network }
        let port = seen.resourceTruths("waiter").first?.peer_port ?? 0
        let sum = waits.reduce(0) { $0 + $1.wait.total }
        #expect(
            seen.isAll(sum, of: truth, within: 0.01),
            "\(Observation.list(all))")
        for named in waits {
            #expect(!named.wait.timedOut)
            #expect(named.resource?.remoteAddress == "127.0.0.1:\(port)", "\(named)")
            #expect(named.resource?.direction == .outbound)
        }
    }
}
