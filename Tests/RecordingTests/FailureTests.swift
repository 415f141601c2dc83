import Foundation
import Glibc
import Model
import Testing

@testable import Recording

/// Bad files, bad places, and a full disk: each one sentence, nothing lost.
@Suite struct FailureTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func write(_ path: String, ticks: Int64 = 3) throws {
        let writer = try RecordingWriter.create(at: path, header: Fixture.header)
        for number in 1...ticks { try writer.append(Self.batch(number)) }
        try writer.finish()
    }

    private static func batch(_ number: Int64) -> TickBatch {
        var batch = number == 1 ? Fixture.firstBatch() : Fixture.batch(number)
        batch.samples = [(1, Fixture.sample())]
        return batch
    }

    @Test func anExistingFileIsNotOverwritten() throws {
        try write(scratch.path())
        #expect(throws: RecordingError.outputExists(path: scratch.path())) {
            try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        }
        #expect(try Recording.open(scratch.path()).ticks().count == 3)
    }

    @Test func aMissingDirectoryIsNamed() {
        #expect(throws: RecordingError.self) {
            try RecordingWriter.create(at: scratch.path("no/such.stall"), header: Fixture.header)
        }
    }

    @Test func filesArePrivateWhileWrittenAndAfter() throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        try writer.append(Self.batch(1))
        for name in ["test.stall", "test.stall-wal", "test.stall-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: scratch.path(name))[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(name)")
        }
        try writer.finish()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory) == ["test.stall"])
    }

    /// SQLite would go on with a file that nobody can open any more.
    @Test(arguments: [true, false]) func aFileThatIsRemovedIsPutThereAgain(atEnd: Bool) throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        try writer.append(Self.batch(1))
        try writer.append(Self.batch(2))
        try FileManager.default.removeItem(atPath: scratch.path())
        #expect(throws: RecordingError.moved(path: scratch.path(), lastTick: 2, isSaved: true)) {
            if atEnd { try writer.finish() } else { try writer.append(Self.batch(3)) }
        }
        try writer.finish()
        #expect(try Recording.open(scratch.path()).ticks().count == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory) == ["test.stall"])
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path())[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    /// Its newest ticks are beside it, under the old name.
    @Test func aFileThatIsRenamedIsThereUnderItsOldNameWithAllThatWasStored() throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        for number in 1...3 { try writer.append(Self.batch(Int64(number))) }
        try FileManager.default.moveItem(atPath: scratch.path(), toPath: scratch.path("elsewhere"))
        #expect(throws: RecordingError.moved(path: scratch.path(), lastTick: 3, isSaved: true)) {
            try writer.append(Self.batch(4))
        }
        try writer.finish()
        #expect(try Recording.open(scratch.path()).ticks().count == 3)
    }

    @Test func whatTookThePlaceOfAFileIsNotTouched() throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        try writer.append(Self.batch(1))
        try FileManager.default.removeItem(atPath: scratch.path())
        try Data("mine".utf8).write(to: URL(fileURLWithPath: scratch.path()))
        #expect(throws: RecordingError.moved(path: scratch.path(), lastTick: 1, isSaved: false)) {
            try writer.append(Self.batch(2))
        }
        try writer.finish()
        #expect(try String(contentsOfFile: scratch.path(), encoding: .utf8) == "mine")
    }

    @Test func nothingIsAppendedAfterFinish() throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        try writer.finish()
        try writer.finish()
        #expect(throws: RecordingError.closed(path: scratch.path())) { try writer.append(Self.batch(1)) }
    }

    @Test func aRecordingThatIsDiscardedLeavesNothing() throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        try writer.append(Self.batch(1))
        try writer.discard()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory).isEmpty)
        #expect(throws: RecordingError.closed(path: scratch.path())) { try writer.append(Self.batch(2)) }
    }

    @Test func aMissingFileAndADirectoryAreNamed() {
        #expect(throws: RecordingError.notFound(path: scratch.path())) { try Recording.open(scratch.path()) }
        #expect(throws: RecordingError.notARecording(path: scratch.directory)) {
            try Recording.open(scratch.directory)
        }
    }

    @Test(arguments: ["", "not a database, but long enough to be taken for one by its length alone: ....."])
    func aForeignFileIsNoRecording(content: String) throws {
        try Data(content.utf8).write(to: URL(fileURLWithPath: scratch.path()))
        #expect(throws: RecordingError.notARecording(path: scratch.path())) {
            try Recording.open(scratch.path())
        }
    }

    @Test func aTruncatedRecordingIsDamaged() throws {
        try write(scratch.path())
        let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.path()))
        for length in [4096, 5000, whole.count / 2, whole.count - 4096] {
            try whole.prefix(length).write(to: URL(fileURLWithPath: scratch.path("cut.stall")))
            let error = #expect(throws: RecordingError.self) {
                let recording = try Recording.open(scratch.path("cut.stall"))
                _ = try recording.threadSeconds()
            }
            guard case .damaged = error else {
                Issue.record("\(length) bytes: \(String(describing: error))")
                continue
            }
        }
    }

    @Test func scribbledPagesNeverTrap() throws {
        try write(scratch.path(), ticks: 50)
        let whole = try Data(contentsOf: URL(fileURLWithPath: scratch.path()))
        for page in 1..<(whole.count / 4096) {
            var bad = whole
            for offset in stride(from: page * 4096, to: page * 4096 + 4096, by: 3) { bad[offset] ^= 0xa5 }
            try bad.write(to: URL(fileURLWithPath: scratch.path("bad.stall")))
            do {
                let recording = try Recording.open(scratch.path("bad.stall"))
                _ = try recording.threadTotals()
                _ = try recording.waitTotals()
                _ = try recording.processes()
                _ = try recording.targets()
            } catch {
                // Typed as RecordingError: any of them will do, as long as it is one.
                #expect(!error.description.isEmpty)
            }
        }
    }

    @Test func aNewerFormatIsRefusedByName() throws {
        try write(scratch.path())
        var bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.path()))
        bytes[63] = 99  // the low byte of user_version
        try bytes.write(to: URL(fileURLWithPath: scratch.path()))
        #expect(
            throws: RecordingError.newerFormat(path: scratch.path(), found: 99, known: Schema.version)
        ) { try Recording.open(scratch.path()) }
    }

    /// What a `kill -9` leaves: the file and its -wal as they are at some moment.
    @Test func aCopyOfAnUnfinishedRecordingOpensAndRunsExtendToItsEnd() throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        var first = Self.batch(1)
        first.threads.append(Fixture.thread(2))
        first.idleRuns = [IdleRun(thread: 2, firstTick: 2, subject: Fixture.futex)]
        try writer.append(first)
        for number in 2...5 { try writer.append(Self.batch(Int64(number))) }
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(
                atPath: scratch.path() + suffix, toPath: scratch.path("killed.stall") + suffix)
        }
        try writer.append(Self.batch(6))
        let killed = try Recording.open(scratch.path("killed.stall"))
        #expect(!killed.isFinished)
        #expect(try killed.ticks().map(\.number) == [1, 2, 3, 4, 5])
        #expect(try killed.threadSeconds().filter { $0.thread == 2 }.map(\.tick) == [2, 3, 4, 5])
        try writer.finish()
    }

    @Test func aReaderSeesTicksWhileTheyAreWritten() throws {
        let writer = try RecordingWriter.create(at: scratch.path(), header: Fixture.header)
        try writer.append(Self.batch(1))
        let recording = try Recording.open(scratch.path())
        #expect(try recording.ticks().count == 1)
        try writer.append(Self.batch(2))
        #expect(try recording.ticks().count == 2)
        try writer.finish()
        #expect(try recording.ticks().count == 2)
    }

    @Test func aFullFileSystemLeavesWhatWasStored() throws {
        guard geteuid() == 0 else {
            print("skipped: making a small file system needs root")
            return
        }
        let mount = scratch.path("full")
        try FileManager.default.createDirectory(atPath: mount, withIntermediateDirectories: true)
        guard Glibc.mount("tmpfs", mount, "tmpfs", 0, "size=1m") == 0 else {
            print("skipped: cannot mount a tmpfs: \(String(cString: strerror(errno)))")
            return
        }
        defer { umount(mount) }
        let path = mount + "/full.stall"
        let writer = try RecordingWriter.create(at: path, header: Fixture.header)
        var stored: Int64 = 0
        let error = #expect(throws: RecordingError.self) {
            for number in 1...100_000 {
                try writer.append(Self.batch(Int64(number)))
                stored = Int64(number)
            }
        }
        #expect(error == .diskFull(path: path, lastTick: stored))
        #expect(throws: RecordingError.closed(path: path)) { try writer.append(Self.batch(1)) }
        try writer.finish()
        let recording = try Recording.open(path)
        #expect(stored > 10)
        #expect(try recording.ticks().map(\.number) == Array(1...stored))
    }
}
