import CommandRunning
import Foundation
import Recording
import Testing

/// What a recorder may do, and what it needs to.
@Suite(.needsKernel, .serialized) struct KeptPrivilegeTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Numbers of linux/capability.h.
    private enum Capability {
        static let dacReadSearch: UInt64 = 1 << 2
        static let netAdmin: UInt64 = 1 << 12
        static let sysPtrace: UInt64 = 1 << 19
        static let syslog: UInt64 = 1 << 34
        static let perfmon: UInt64 = 1 << 38
        static let bpf: UInt64 = 1 << 39
        static let usual = dacReadSearch | sysPtrace | syslog | perfmon | bpf
    }

    @Test(arguments: [
        ([String](), Capability.usual), (["--taskstats"], Capability.usual | Capability.netAdmin),
    ])
    func everythingElseIsGivenUp(options: [String], expected: UInt64) throws {
        let target = try RunningCommand(["60"], program: "/bin/sleep")
        defer { target.end() }
        let recorder = try RunningCommand(
            ["record", "--pid", "\(target.pid)", "--interval", "100ms", "--output", scratch.path()] + options)
        defer { recorder.end() }
        try #require(waits { hasTicks(scratch.path(), 2) }, "no tick is stored")
        let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(recorder.pid)/task")
        for task in tasks {
            let status = try String(
                contentsOfFile: "/proc/\(recorder.pid)/task/\(task)/status", encoding: .utf8)
            let fields = Dictionary(
                status.split(separator: "\n").map { line in
                    let parts = line.split(separator: ":", maxSplits: 1)
                    return (String(parts[0]), parts.last!.trimmingCharacters(in: .whitespaces))
                }, uniquingKeysWith: { first, _ in first })
            for set in ["CapPrm", "CapEff"] {
                #expect(
                    fields[set].flatMap { UInt64($0, radix: 16) } == expected, "\(set) of \(task) of \(tasks)"
                )
            }
            #expect(fields["CapAmb"] == "0000000000000000")
            #expect(fields["NoNewPrivs"] == "1")
        }
    }

    /// False also while there is no recording yet.
    private func hasTicks(_ path: String, _ count: Int) -> Bool {
        guard let recording = try? Recording.open(path), let ticks = try? recording.ticks() else {
            return false
        }
        return ticks.count >= count
    }

    /// The least that docs/security.md names, without root; and without what names need.
    @Test(arguments: [true, false]) func capabilitiesAreEnough(forNames: Bool) throws {
        let program = scratch.path("stallscope")
        let copy = try RunningCommand.run([RunningCommand.program, program], program: "/bin/cp")
        try #require(copy.status == 0, "\(copy.errors)")
        let place = scratch.path("place")
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        chown(place, 65534, 65534)
        let few = "-all,+bpf,+perfmon" + (forNames ? ",+sys_ptrace,+dac_read_search" : "")
        let launcher = [
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=\(few)",
            "--ambient-caps=\(few)", "--bounding-set=\(few)", "--no-new-privs", "--",
        ]
        // Root's, and what it waits for lies where nobody else may look.
        let hidden = scratch.path("hidden")
        try FileManager.default.createDirectory(
            atPath: hidden, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let target = try HeldProgram("file_waits", [hidden + "/data", "100", "4096", "cold", "20"])
        let recorder = try RunningCommand(
            ["record", "--pid", "\(target.pid)", "--interval", "100ms", "--output", place + "/test.stall"],
            program: program,
            launcher: launcher, directory: place)
        defer { recorder.end() }
        let records = waits { hasTicks(place + "/test.stall", 1) }
        if !records {
            recorder.send(SIGINT)
            let run = try recorder.wait()
            Issue.record("no tick was stored: \(run)")
            return
        }
        target.release()
        _ = try target.end()
        let run = try recorder.wait()
        #expect(run.status == 0, "\(run.errors)")
        let recording = try Recording.open(place + "/test.stall")
        #expect(try recording.conservation().largestDeviation == 0)
        let names = try recording.resources().values.map(\.name)
        let executables = try recording.processes().map(\.version.executable)
        // The file's name is the kernel's; the place of its file system is in the process's own list of mounts.
        #expect(names.contains(hidden + "/data") || !forNames, "\(names)")
        #expect(executables.contains { $0.hasSuffix("/file_waits") } == forNames, "\(executables)")
    }
}
