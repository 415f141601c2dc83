import CommandRunning
import Foundation
import Model
import Testing

/// Waits for files, and for the disk behind them.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct FileWaitTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test(arguments: [
        ("direct", WaitKind.fileRead, WaitDirection.read),
        ("cold", .fileRead, .read),
        ("unlinked", .fileRead, .read),
        ("fault", .pageFault, .none),
    ])
    func reads(how: String, kind: WaitKind, direction: WaitDirection) throws {
        let path = scratch.path("data")
        let seen = try Observation.of("file_waits", [path, "200", "4096", how, "150"])
        seen.expectTimeIsConserved()
        let truth = try #require(seen.truths.first { $0.event == "resource" })
        let waits = try seen.expectWaits("reader", kind)
        #expect(waits.reduce(0) { $0 + $1.count } >= 150)
        let file = try seen.resource(of: waits)
        #expect(file.kind == .file)
        #expect(file.inode == truth.inode)
        #expect(file.path == path)
        #expect(file.name == (how == "unlinked" ? path + " (deleted)" : path))
        #expect(waits.allSatisfy { $0.subject.direction == direction })
        seen.expectWakers(of: waits, .block)
        try expectDisk(seen, waits)
    }

    /// Data go to the disk by interrupts; what the file system does for them, by its own threads.
    @Test(arguments: ["fsync", "sync"]) func writes(how: String) throws {
        let path = scratch.path("data")
        let seen =
            how == "fsync"
            ? try Observation.of("fsync_writer", [path, "50", "8192"])
            : try Observation.of("file_waits", [path, "50", "8192", "sync"])
        seen.expectTimeIsConserved()
        let waits = try seen.expectWaits("writer", how == "fsync" ? .fsync : .fileWrite)
        let file = try seen.resource(of: waits)
        #expect(file.path == path)
        #expect(file.kind == .file)
        #expect(waits.allSatisfy { $0.subject.direction == .write })
        for wait in waits where wait.count > 0 {
            #expect([.block, .thread].contains(wait.waker.kind), "\(wait.waker)")
        }
        if how == "fsync" {
            let threads = Set(waits.filter { $0.waker.kind == .thread }.map(\.waker.comm))
            #expect(threads.contains { $0.hasPrefix("jbd2/") || $0.hasPrefix("kworker/") }, "\(threads)")
        }
        try expectDisk(seen, waits)
    }

    /// Nearly all of the time was spent on requests to the disk that the file lies on.
    private func expectDisk(
        _ seen: Observation, _ waits: [WaitSample], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = scratch.directory
        var status = stat()
        try #require(stat(path, &status) == 0)
        let number = "\(status.st_dev >> 8 & 0xfff):\(status.st_dev & 0xff)"
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/sys/dev/block/\(number)")
        let name = String(link.split(separator: "/").last ?? "?")
        let total = waits.reduce(0) { $0 + $1.total }
        let onDisk = waits.filter { seen.devices[$0.subject.device] == name }.reduce(0) { $0 + $1.total }
        #expect(
            onDisk >= total - total / 100, "\(onDisk) of \(total) ns on \(name): \(seen.devices)",
            sourceLocation: sourceLocation)
    }

    /// Two mounts of the process's own: one shows a directory under another name, one is its root.
    @Test func thePathIsTheOneThatTheHostSees() throws {
        let inner = scratch.path("inner")
        let place = scratch.path("place")
        for directory in [inner, place] { mkdir(directory, 0o777) }
        let program = try TestProgram("file_waits").path
        let script = "mount --bind \(inner) \(place) && exec \(program) \(place)/data 50 4096 cold 20"
        let seen = try Observation.of(
            path: "unshare", ["--mount", "sh", "-c", script], printsTruth: true)
        seen.expectTimeIsConserved()
        let truth = try #require(seen.truths.first { $0.event == "resource" })
        #expect(truth.path == "\(place)/data")
        let waits = try seen.expectWaits("reader", .fileRead).filter { !seen.isCode($0) }
        let file = try seen.resource(of: waits)
        #expect(file.path == "\(inner)/data")
    }
}
