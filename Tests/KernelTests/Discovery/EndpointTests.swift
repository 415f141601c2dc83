import CommandRunning
import Foundation
import Recording
import Testing

/// `record --endpoint`: whoever listens on, connects to or is connected to a TCP endpoint.
@Suite(.needsKernel, .serialized) struct EndpointTests {
    private let scratch: Scratch
    private let port = Int.random(in: 20_000..<30_000)
    init() throws { scratch = try Scratch() }

    private func side(_ side: String, port: Int? = nil) throws -> HeldProgram {
        try HeldProgram("inet_waits", ["40", "5", "read", "127.0.0.1", "\(port ?? self.port)", side])
    }

    private func record() throws -> RunningCommand {
        let recorder = try RunningCommand([
            "record", "--endpoint", "127.0.0.1:\(port)", "--follow", "none", "--interval", "100ms",
            "--output", scratch.path(),
        ])
        // It goes on without any target.
        let path = scratch.path()
        #expect(waits { (try? Recording.open(path).ticks().count) ?? 0 >= 2 }, "no ticks")
        return recorder
    }

    private func added() throws -> [Int64: String] {
        let targets = try Recording.open(scratch.path()).targets().filter { $0.event == "added" }
        return Dictionary(targets.map { (Int64($0.pid), $0.reason) }, uniquingKeysWith: { $1 })
    }

    @Test func whoComesLaterIsNoticed() throws {
        let recorder = try record()
        let server = try side("server")
        let client = try side("client")
        let stranger = try side("server", port: port + 1)
        stranger.release()
        server.release()
        #expect(try waits { try server.said().contains { $0.event == "listening" } })
        client.release()
        #expect(try server.end().contains { $0.event == "end" })
        #expect(try client.end().contains { $0.event == "end" })
        recorder.send(SIGINT)
        let ended = try recorder.wait()
        #expect(ended.status == 0, "\(ended.errors)")
        let reason = "uses a watched endpoint"
        #expect(try added() == [Int64(server.pid): reason, Int64(client.pid): reason])
        let recording = try Recording.open(scratch.path())
        #expect(try recording.conservation().largestDeviation <= 0.001)
    }

    /// The two are in a network namespace of their own.
    @Test(arguments: [false, true]) func whoIsThereIsFound(inNamespace: Bool) throws {
        let script = "ip link set lo up && exec \"$0\" \"$@\""
        // It goes on until it is ended.
        let pair = try HeldProgram(
            "inet_waits", ["1000000", "5", "read", "127.0.0.1", "\(port)", "both"],
            launcher: inNamespace ? ["unshare", "--net", "sh", "-c", script] : [])
        pair.release()
        #expect(try waits { try pair.said().contains { $0.event == "resource" } })
        let recorder = try record()
        #expect(try waits { try self.added().count == 2 }, "nobody was found")
        let said = try pair.said()
        recorder.send(SIGINT)
        let ended = try recorder.wait()
        #expect(ended.status == 0, "\(ended.errors)")
        let pids = Set(said.compactMap(\.pid) + said.compactMap(\.waker_tid))
        #expect(pids.count == 2)
        let added = try added()
        #expect(Set(added.keys) == Set(pids.map(Int64.init)))
        #expect(added.values.allSatisfy { $0 == "uses the endpoint 127.0.0.1:\(port)" }, "\(added)")
    }
}
