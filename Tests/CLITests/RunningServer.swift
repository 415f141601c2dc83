import CommandRunning
import Foundation
import Glibc
import Synchronization

/// `stallscope serve` on a port of its own, ended with its test.
final class RunningServer {
    let port: UInt16
    private let command: RunningCommand

    var client: HTTPClient { HTTPClient(port: port) }

    init(_ path: String, _ options: [String] = [], listen: String = "127.0.0.1") throws {
        port = try Self.freePort()
        command = try RunningCommand(["serve", path, "--listen", "\(listen):\(port)"] + options)
        let end = Date.now + 20
        while true {
            // Any answer will do.
            if let _ = try? client.get("/") { return }
            guard Date.now < end else {
                command.send(SIGTERM)
                throw CocoaError(.executableLoad, userInfo: ["server": try command.wait()])
            }
            usleep(20_000)
        }
    }

    /// Ends it as a user would.
    func stop() throws -> RunningCommand.Result {
        command.send(SIGTERM)
        return try command.wait()
    }

    deinit { command.end() }

    private static let handedOut = Mutex<UInt16>(0)

    /// A port that nobody listens on now, and that nobody is given by chance: it lies below those that the kernel gives to
    /// whoever asks for any, and each is handed out once.
    static func freePort() throws -> UInt16 {
        let base = 20_000 + UInt16(getpid() % 100) * 100
        while true {
            let number = handedOut.withLock { number in
                number += 1
                return number
            }
            guard number < 2_000 else {
                throw CocoaError(.fileReadUnknown, userInfo: ["ports": "none is free"])
            }
            if canListen(base + number) { return base + number }
        }
    }

    private static func canListen(_ port: UInt16) -> Bool {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
