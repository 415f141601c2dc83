import CommandRunning
import Foundation
import Model
import Testing

/// Waits for files, and for the disk behind them.
@Suite(.needsKernel, .needsDiskAndCgroups, .serialized) struct FileWaitTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    @Test func reads() throws {
        let kinds: [(how: String, kind: WaitKind, direction: WaitDirection)] = [
            ("direct", .fileRead, .read), ("cold", .fileRead, .read), ("unlinked", .fileRead, .read),
            ("fault", .pageFault, .none),
        ]
        let path = scratch.path("data")
        let runs = try Observation.ofEach(kinds.map { ["file_waits", path, "100", "4096", $0.how, "50"] })
        for (seen, expected) in zip(runs, kinds) {
            let truth = try #require(seen.truths.first { $0.event == "resource" })
            let waits = try waits(seen, "reader", expected.kind, on: truth)
            #expect(waits.reduce(0) { $0 + $1.count } >= 50, "\(seen.name)")
            let file = try seen.resource(of: waits)
            #expect(file.kind == .file && file.inode == truth.inode && file.path == path, "\(file)")
            #expect(file.name == (expected.how == "unlinked" ? path + " (deleted)" : path))
            #expect(waits.allSatisfy { $0.subject.direction == expected.direction })
            try expectDisk(seen, waits)
        }
    }

    /// Data go to the disk by interrupts; what the file system does for them, by its own threads.
    @Test func writes() throws {
        let path = scratch.path("data")
        let runs = try Observation.ofEach([
            ["fsync_writer", path, "50", "8192"], ["file_waits", path, "50", "8192", "sync"],
        ])
        for (seen, kind) in zip(runs, [WaitKind.fsync, .fileWrite]) {
            let truth = try #require(seen.truths.first { $0.inode != nil })
            let waits = try waits(seen, "writer", kind, on: truth)
            #expect(waits.reduce(0) { $0 + $1.count } >= 1, "\(seen.name)")
            let file = try seen.resource(of: waits)
            #expect(file.kind == .file && file.path == path, "\(file)")
            #expect(waits.allSatisfy { $0.subject.direction == .write })
        }
    }

    /// A thread's waits of a kind for a file: no more, and no longer, than it was kept from its CPU.
    private func waits(
        _ seen: Observation, _ role: String, _ kind: WaitKind, on file: Truth
    ) throws -> [WaitSample] {
        let truth = try seen.truth(role)
        let waits = seen.namedWaits.filter {
            $0.thread.tid == truth.tid && $0.wait.subject.kind == kind && $0.resource?.inode == file.inode
        }.map(\.wait)
        let (count, sum) = (waits.reduce(0) { $0 + $1.count }, waits.reduce(0) { $0 + $1.total })
        #expect(
            count <= truth.switches ?? 0 && sum <= truth.wait_ns ?? 0, "\(seen.name): \(count), \(sum) ns")
        for wait in waits where wait.count > 0 {
            #expect([.block, .thread, .interrupt, .unknown].contains(wait.waker.kind), "\(wait.waker)")
        }
        seen.expectFewUnseen(waits)
        return waits
    }

    /// Where a disk is named it is the one that the file lies on.
    private func expectDisk(
        _ seen: Observation, _ waits: [WaitSample], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let path = scratch.directory
        var status = stat()
        try #require(stat(path, &status) == 0)
        let number = "\(status.st_dev >> 8 & 0xfff):\(status.st_dev & 0xff)"
        let link = try FileManager.default.destinationOfSymbolicLink(atPath: "/sys/dev/block/\(number)")
        let name = String(link.split(separator: "/").last ?? "?")
        let disks = Set(
            waits.filter { $0.subject.device != 0 }.map { seen.devices[$0.subject.device] ?? "?" })
        #expect(disks == [name], "\(seen.name)", sourceLocation: sourceLocation)
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
        let tid = try seen.truth("reader").tid
        let waits = seen.waits(tid: tid).filter { $0.subject.kind == .fileRead && !seen.isCode($0) }
        let file = try seen.resource(of: waits)
        #expect(file.path == "\(inner)/data")
    }
}
