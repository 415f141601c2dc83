import Foundation
import Model
import Testing

@testable import Recording

/// What a recording that is shared must not hold.
@Suite struct RedactionTests {
    private let redactor = Redactor()

    @Test(arguments: [
        ("/home/ada/plans/merger.ods", "/home/…", ".ods"),
        ("/home/ada/plans/merger.ods (deleted)", "/home/…", ".ods (deleted)"),
        ("/var/lib/mysql/patients/names.ibd", "/var/lib/…", ".ibd"),
        ("/tmp/key", "/tmp/…", ""),
        ("/key", "/…", ""),
        ("/dev/shm/session of ada", "/dev/…", ""),
        ("/usr/../home/ada", "/usr/…", ""),
        ("/proc/7/root/home/ada/plan.txt", "/proc/…", ".txt"),
        ("/library/of ada.txt", "/library/…", ".txt"),
        ("/run/media/ada/stick", "/run/…", ""),
        ("plans/merger.ods", "…", ".ods"),
        ("/srv/.netrc", "/srv/…", ""),
        ("/srv/backup.of-ada@example", "/srv/…", ""),
        ("@chat-of-ada", "@…", ""),
    ])
    func aPathKeepsItsBeginningAndItsKind(path: String, beginning: String, end: String) throws {
        let hidden = redactor.path(path)
        #expect(hidden.hasPrefix(beginning) && hidden.hasSuffix(end))
        let number = hidden.dropFirst(beginning.count).dropLast(end.count)
        #expect(number.count == 8 && number.allSatisfy(\.isHexDigit), "\(hidden)")
        #expect(hidden == redactor.path(path))
        #expect(hidden != Redactor().path(path), "another key")
    }

    @Test(arguments: [
        "/usr/sbin/nginx", "/lib/x86_64-linux-gnu/libc.so.6", "/proc/meminfo",
        "/run/postgresql/.s.PGSQL.5432", "",
    ])
    func whatPackagesAndTheKernelHaveStays(path: String) {
        #expect(redactor.path(path) == path)
    }

    @Test func namesAndReasons() {
        #expect(redactor.arguments("nginx: worker process") == "nginx: …")
        #expect(redactor.arguments("sleep") == "sleep")
        #expect(redactor.arguments("/usr/bin/curl -u ada:secret").hasPrefix("/usr/bin/curl …"))
        #expect(redactor.text("tcp 10.0.0.1:80 <- 10.0.0.7:4242") == "tcp 10.0.0.1:80 <- 10.0.0.7:4242")
        #expect(redactor.text("futex counter+8 (libc.so.6)") == "futex counter+8 (libc.so.6)")
        #expect(redactor.text("and/or 3/4") == "and/or 3/4")
        let path = redactor.path("/home/ada/my chat.socket")
        #expect(
            redactor.text("was woken by a/7 at unix:/home/ada/my chat.socket") == "was woken by a/7 at unix:"
                + path)
        #expect(redactor.reason("command line matches '--token=secret'") == "command line matches '…'")
        #expect(redactor.reason("asked for by --pid 7") == "asked for by --pid 7")
    }

    /// Nothing of it is in the file, nor in what SQLite has freed.
    @Test func aCopyHoldsNoneOfIt() throws {
        let scratch = try Scratch()
        var batch = Fixture.firstBatch()
        let secret = "s3cr3t"
        batch.processes[0].commandLine = "/bin/server --password \(secret)"
        batch.processes[0].executable = "/home/\(secret)/server"
        var file = Resource(
            id: 7, kind: .file, identity: "file:1:2", name: "/srv/\(secret)/a.db (deleted)",
            since: Fixture.start, pid: 100)
        file.path = "/srv/\(secret)/a.db"
        var socket = Resource(
            id: 8, kind: .unix, identity: "socket:3", name: "unix:@\(secret)", since: Fixture.start, pid: 100)
        socket.localAddress = "@\(secret)"
        socket.path = "@\(secret)"
        batch.resources = [file, socket]
        batch.targets = [
            TargetEvent(
                time: Fixture.start, pid: 100, process: 1, event: .added, isRoot: true,
                reason: "command line matches '\(secret)'")
        ]
        var header = Fixture.header
        header.command = "stallscope record -- client \(secret)"
        let writer = try RecordingWriter.create(at: scratch.path(), header: header)
        try writer.append(batch)
        try writer.finish()

        func holdsIt(_ path: String) throws -> Bool {
            try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(secret.utf8)) != nil
        }
        #expect(try holdsIt(scratch.path()))
        let recording = try Recording.open(scratch.path())
        try recording.snapshot(to: scratch.path("shared.stall"), redacting: true)
        #expect(try !holdsIt(scratch.path("shared.stall")))
        let shared = try Recording.open(scratch.path("shared.stall"))
        let resources = try shared.resources().values.map(\.name)
        #expect(
            resources.contains { $0.hasPrefix("/srv/…") && $0.hasSuffix(".db (deleted)") }, "\(resources)")
        #expect(resources.contains { $0.hasPrefix("unix:@…") }, "\(resources)")
        #expect(try shared.ticks().count == recording.ticks().count)
    }
}
