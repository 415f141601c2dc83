import CommandRunning
import Foundation
import Recording
import Testing

/// Whatever is wrong with what `record` was asked for: one sentence, no success, and nothing left behind.
@Suite(.needsKernel, .serialized) struct RefusalTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Targets, and what the sentence says of them.
    @Test(arguments: [
        (["--pid", "4194303"], "There is no process with pid 4194303"),
        (["--pid", "2"], "kernel"),
        (["--comm", "^no-such-name$"], "matches none of"),
        (["--cmdline", "no-such-command-line-[0-9]{99}"], "matches none of"),
        (["--comm", "("], "is not valid"),
        (["--cgroup", "/no/such/cgroup"], "There is no cgroup"),
        (["--", "no-such-command"], "no-such-command"),
        (["--", "/etc"], "Permission denied"),
        (["--", ""], "check its name"),
    ])
    func targetsThatAreNotThere(target: [String], sentence: String) throws {
        try expectRefusal(["--output", scratch.path()] + target, sentence)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory).isEmpty)
    }

    @Test func aCommandThatIsNoProgram() throws {
        let path = scratch.path("text")
        try Data("no program".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o755)
        try expectRefusal(["--output", scratch.path(), "--", path], "Exec format error")
        #expect(!FileManager.default.fileExists(atPath: scratch.path()))
    }

    @Test func placesThatCannotBeWrittenTo() throws {
        let existing = scratch.path("existing.stall")
        try Data("precious".utf8).write(to: URL(fileURLWithPath: existing))
        try expectRefusal(["--output", existing, "--", "true"], "exists already")
        #expect(try String(contentsOfFile: existing, encoding: .utf8) == "precious")
        try expectRefusal(["--output", scratch.path("no/such.stall"), "--", "true"], "does not exist")
        let frozen = try scratch.mountMemory("size=1m", readOnly: true)
        try expectRefusal(["--output", frozen + "/a.stall", "--", "true"], "Read-only file system")
    }

    @Test func aFileSystemThatIsFullBeforeTheFirstTick() throws {
        let small = try scratch.mountMemory("size=16k")
        try expectRefusal(["--output", small + "/a.stall", "--", "true"], "is full")
        #expect(try FileManager.default.contentsOfDirectory(atPath: small).isEmpty)
    }

    @Test func aFileSystemThatFillsUpLeavesWhatWasStored() throws {
        let place = try scratch.mountMemory("size=64m")
        let path = place + "/full.stall"
        let storm = "while :; do /bin/true; done"
        let target = try RunningCommand(["-c", storm], program: "/bin/sh")
        defer { target.end() }
        // Ticks that come late are warned of.
        let run = try RunningCommand([
            "record", "--pid", "\(target.pid)", "--interval", "100ms", "--log-level", "error", "--output",
            path,
        ])
        defer { run.end() }
        // It can be read once all of its tables are there.
        try #require(waits { (try? Recording.open(path).ticks().isEmpty) == false })
        try fill(place)
        expectRefusal(try run.wait(), "is full")
        let recording = try Recording.open(path)
        #expect(!recording.isFinished)
        #expect(try recording.ticks().count >= 1)
        #expect(try recording.conservation().largestDeviation == 0)
        #expect(try RunningCommand.run(["report", path]).status == 0)
    }

    /// From within a pid namespace, where pid 1 is not the host's: one sentence says what it takes.
    @Test func fromAnotherPidNamespace() throws {
        let run = try RunningCommand.run(
            ["record", "--pid", "1", "--output", scratch.path()],
            launcher: ["unshare", "--pid", "--fork", "--mount-proc"])
        #expect(run.status == 1 && run.output.isEmpty)
        #expect(run.errors.hasPrefix("stallscope: error: "), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: scratch.path()))
    }

    /// Takes all the room that is left there.
    private func fill(_ directory: String) throws {
        let file = open(directory + "/rest", O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        let block = [UInt8](repeating: 0, count: 4096)
        while write(file, block, block.count) > 0 {}
        try #require(file >= 0 && errno == ENOSPC)
    }

    private func expectRefusal(
        _ arguments: [String], _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        expectRefusal(
            try RunningCommand.run(["record"] + arguments), sentence, sourceLocation: sourceLocation)
    }

    private func expectRefusal(
        _ run: RunningCommand.Result, _ sentence: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(run.status == 1, sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        // It may have begun.
        let said = run.errors.split(separator: "\n").filter { !$0.hasPrefix("stallscope: attached; ") }
        #expect(said.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(said.first?.hasPrefix("stallscope: error: ") == true, sourceLocation: sourceLocation)
        #expect(said.first?.contains(sentence) == true, "\(run.errors)", sourceLocation: sourceLocation)
    }
}
