import Foundation
import Model
import Testing

extension Proofs {
    /// Packets that are lost on the way: whose connection sent them again, and what the kernel counts in the namespace.
    @Suite(.needsKernel, .needsNetwork, .serialized) struct NetworkTests {
        @Test func whoSentAgainIsTold() throws {
            let program = try TestProgram("lost_packets").path
            let counters = FileManager.default.temporaryDirectory.appending(path: "snmp-\(UUID().uuidString)")
                .path
            defer { unlink(counters) }
            // The account of a namespace begins with the first look at it, and goes on while anybody is in it.
            let script = """
                ip link set lo up; sleep 1; \(program) 3 900; cat /proc/net/snmp >\(counters); sleep 1
                """
            let seen = try Observation.of(
                path: "unshare", ["-n", "sh", "-c", script], interval: .milliseconds(200), printsTruth: true)
            #expect(seen.losses.isEmpty)
            let truth = try #require(seen.truths.first { $0.event == "connection" && $0.role == "client" })
            let told = try #require(truth.retransmits)
            #expect(told >= 6)
            let samples = seen.batches.flatMap(\.surroundings.connections)
            #expect(Set(samples.map(\.resource)).count == 1)
            // What is sent again in an interrupt of a task for which the kernel runs no programs is in the connection's own
            // sum, and noted with the next; only what came before the first sample is nobody's.
            let noted = samples.reduce(0) { $0 + $1.retransmits }
            #expect(noted == told || noted + 1 == told, "\(noted) of \(told)")
            #expect(samples.last?.retransmitsEver == told)
            #expect(samples.allSatisfy { $0.roundTrip > 0 && $0.window > 0 })
            let connection = try #require(samples.last.flatMap { seen.resources[$0.resource] })
            #expect(connection.localAddress == "127.0.0.1:\(truth.local_port ?? 0)")
            #expect(connection.remoteAddress == "127.0.0.1:\(truth.peer_port ?? 0)")

            let network = seen.batches.flatMap(\.surroundings.network).filter {
                $0.namespace == connection.netNamespace
            }
            let counted = try Self.retransmits(counters)
            #expect(counted == told)
            #expect(network.reduce(0) { $0 + $1.retransmits } == counted)
            #expect(network.reduce(0) { $0 + $1.timeouts } > 0)
        }

        /// `Tcp.RetransSegs` of a copy of /proc/net/snmp, as nstat reads it.
        private static func retransmits(_ path: String) throws -> UInt64? {
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("Tcp:") }.map { $0.split(separator: " ") }
            try #require(lines.count == 2)
            return lines[0].firstIndex(of: "RetransSegs").flatMap { UInt64(lines[1][$0]) }
        }
    }
}
