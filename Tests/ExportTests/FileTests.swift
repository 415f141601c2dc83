import Compression
import ExampleRecording
import Foundation
import Recording
import Testing

@testable import Export

@Suite struct FileTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: scratch.directory) }
    }

    @Test func aFileHasItsNameOnlyWhenItIsWhole() throws {
        let path = scratch.path("whole")
        let file = try ExportFile(at: path)
        try file.write(String(repeating: "x", count: 200_000))
        #expect(!FileManager.default.fileExists(atPath: path))
        try file.finish()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 200_000)
        #expect(try files == ["whole"])
    }

    @Test func nothingIsLeftOfWhatFailed() throws {
        do {
            let file = try ExportFile(at: scratch.path("half"))
            try file.write("x")
        }
        #expect(try files.isEmpty)
    }

    @Test func nothingIsOverwritten() throws {
        let path = scratch.path("there")
        try "mine".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: ExportError.outputExists(path: path)) { try ExportFile(at: path) }
        // Also if it comes while the export is being made.
        let late = scratch.path("late")
        let file = try ExportFile(at: late)
        try "mine".write(toFile: late, atomically: true, encoding: .utf8)
        #expect(throws: ExportError.outputExists(path: late)) { try file.finish() }
        #expect(try String(contentsOfFile: late, encoding: .utf8) == "mine")
        #expect(try Set(files) == ["there", "late"])
    }

    /// What has the name that the export would have meanwhile is somebody else's.
    @Test func whatItCouldNotMakeItDoesNotRemove() throws {
        let file = ExportFile.temporaryName(for: scratch.path("file"))
        let folder = ExportFile.temporaryName(for: scratch.path("folder"))
        for path in [file, folder] { try "mine".write(toFile: path, atomically: true, encoding: .utf8) }
        #expect(throws: ExportError.self) { try ExportFile(at: scratch.path("file")) }
        #expect(throws: ExportError.self) { try ExportFolder(at: scratch.path("folder")) }
        #expect(try files.count == 2)
    }

    @Test func aFullFileSystemIsSaid() throws {
        let file = ExportFile(descriptor: open("/dev/full", O_WRONLY))
        try file.write("x")
        #expect(throws: ExportError.self) { try file.finish() }
    }

    @Test func directoriesThatAreMissingAreNamed() {
        let path = scratch.path("none/file")
        #expect(throws: ExportError.cannotCreate(path: path, reason: "its directory does not exist")) {
            try ExportFile(at: path)
        }
    }

    @Test func gzipIsReadByGzip() throws {
        let text = String(repeating: "Stallscope ", count: 10_000)
        try Data(Gzip.compress(Array(text.utf8))).write(to: URL(fileURLWithPath: scratch.path("a.gz")))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", scratch.path("a.gz")]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let read = try pipe.fileHandleForReading.readToEnd()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(read == Data(text.utf8))
    }
}
