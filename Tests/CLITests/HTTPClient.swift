import Foundation
import Glibc

/// Sends a request as it is written, which clients that tidy addresses up do not.
struct HTTPClient {
    struct Answer {
        var status: Int
        /// By their names in small letters; of several of a name the last.
        var headers: [String: String]
        var body: String
    }

    let port: UInt16

    func get(_ target: String, _ headers: [String: String] = [:]) throws -> Answer {
        try send("GET", target, headers)
    }

    func send(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: String = ""
    ) throws -> Answer {
        var headers = headers
        if headers["Host"] == nil { headers["Host"] = "127.0.0.1:\(port)" }
        headers["Connection"] = "close"
        if !body.isEmpty { headers["Content-Length"] = "\(body.utf8.count)" }
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        let answer = try exchange("\(method) \(target) HTTP/1.1\r\n\(lines)\r\n\(body)")
        guard let end = answer.range(of: "\r\n\r\n") else {
            throw CocoaError(.fileReadCorruptFile, userInfo: ["answer": answer])
        }
        var found: [String: String] = [:]
        let head = answer[..<end.lowerBound].components(separatedBy: "\r\n")
        for line in head.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 {
                found[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces)
            }
        }
        let status = head.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return Answer(status: status, headers: found, body: String(answer[end.upperBound...]))
    }

    private func exchange(_ request: String) throws -> String {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connection >= 0, connected == 0 else {
            throw CocoaError(.fileReadUnknown, userInfo: ["errno": errno])
        }
        let bytes = Array(request.utf8)
        guard Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw CocoaError(.fileWriteUnknown, userInfo: ["errno": errno])
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += buffer[..<count]
        }
    }
}
