import Foundation
import Testing

/// A program of `Tests/Programs`, whose truth is known because it tells it.
struct TestProgram {
    let path: String

    /// Compiles the program, unless STALLSCOPE_PROGRAMS names a directory where it is ready.
    init(_ name: String) throws {
        if let ready = ProcessInfo.processInfo.environment["STALLSCOPE_PROGRAMS"] {
            path = ready + "/" + name
            return
        }
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Programs")
        let build = FileManager.default.temporaryDirectory.appending(path: "stallscope-test-programs")
        try FileManager.default.createDirectory(at: build, withIntermediateDirectories: true)
        // Compiled under another name and renamed, so that tests that run at once do not meet half a file.
        let result = build.appending(path: name)
        let fresh = build.appending(path: "\(name).\(UUID().uuidString)")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/cc")
        compiler.arguments = [
            "-O1", "-g", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-pthread", "-o",
            fresh.path, sources.appending(path: "\(name).c").path, "-lm",
        ]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0, "\(name).c does not compile")
        #expect(rename(fresh.path, result.path) == 0)
        path = result.path
    }
}

/// A line that a test program printed.
struct Truth: Decodable {
    var event: String
    var role: String?
    var pid: UInt32?
    var tid: UInt32?
    var start_ns: UInt64?
    var end_ns: UInt64?
    var on_cpu_ns: UInt64?
    var run_queue_ns: UInt64?
    var run_queues: UInt64?
    var voluntary: UInt64?
    var involuntary: UInt64?
    var rounds: UInt64?
    var wait_ns: UInt64?
    var sleeps: UInt64?
    var switches: UInt64?
    var asleep_ns: UInt64?
    var processes: UInt64?
    var threads: UInt64?
    var alive_ns: UInt64?
    var cpu_ns: UInt64?
    // What the waits of a role are on.
    var kind: String?
    var fd: Int32?
    var inode: UInt64?
    var address: String?
    var mutex: String?
    var condition: String?
    var path: String?
    var local_port: UInt16?
    var peer_port: UInt16?
    var retransmits: UInt64?
    var waker_kind: String?
    var waker_tid: UInt32?
    // Of single programs.
    var first: String?
    var second: String?
    var former_tid: UInt32?
    var errors: UInt64?
    var bytes: UInt64?
    var someone: UInt64?
    var nobody: UInt64?
    var lookups: UInt64?
    var dirtied: UInt64?
    var evicted: UInt64?

    static func lines(_ data: Data) throws -> [Truth] {
        try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Truth.self, from: $0) }
    }
}
