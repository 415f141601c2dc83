import Foundation
import Model
import Testing

/// Waits for unix sockets of every type, for data, room, connections and acceptance.
@Suite(.needsKernel, .serialized) struct UnixSocketTests {
    private struct Case {
        var socket: String
        var operation: String
    }

    private static let cases = ["stream", "seqpacket", "datagram", "abstract", "pair"].flatMap { socket in
        ["read", "write", "accept", "connect"].compactMap { operation in
            let connects = operation == "accept" || operation == "connect"
            return connects && (socket == "datagram" || socket == "pair")
                ? nil : Case(socket: socket, operation: operation)
        }
    }

    @Test func waits() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "s-\(UUID().uuidString)").path
        let runs = try Observation.ofEach(
            Self.cases.map {
                ["unix_waits", "5", "1", $0.socket, $0.operation] + ($0.socket == "pair" ? [] : [path])
            })
        for (seen, test) in zip(runs, Self.cases) { try expect(seen, test) }
    }

    private func expect(_ seen: Observation, _ test: Case) throws {
        let expected: ExpectedWait =
            switch test.operation {
            case "read": ExpectedWait(kind: .unix, resource: .unix, direction: .read)
            case "write": ExpectedWait(kind: .unix, resource: .unix, direction: .write)
            case "accept": ExpectedWait(kind: .accept, resource: .unix, direction: .read)
            // The program names the listener; each connection that waits for it is another socket.
            default: ExpectedWait(kind: .connect, resource: .unix, hasInode: false)
            }
        let resources = try seen.expect(expected).compactMap { seen.resources[$0] }
        let type = ["datagram", "seqpacket"].contains(test.socket) ? test.socket : "stream"
        for resource in resources {
            #expect(resource.socketType == type)
            #expect((resource.direction == .listening) == (test.operation == "accept"), "\(resource)")
            if test.socket == "pair" { #expect(resource.peerInode != 0) }
        }
    }
}
