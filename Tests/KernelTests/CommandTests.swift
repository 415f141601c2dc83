import Collector
import CommandRunning
import Foundation
import Recording
import Testing

/// `stallscope record` from its start to its end, as a user runs it.
@Suite(.needsKernel, .serialized) struct CommandTests {
    private let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func record(
        _ arguments: [String], to path: String? = nil, onTerminal: Bool = false
    ) throws -> RunningCommand.Result {
        try RunningCommand.run(
            ["record", "--output", path ?? scratch.path()] + arguments, onTerminal: onTerminal)
    }

    /// Processes that this recording saw, by their comm.
    private func comms(_ path: String) throws -> Set<String> {
        Set(try Recording.open(path).processes().map(\.version.comm))
    }

    @Test func aCommandIsRecordedFromItsFirstInstructionToItsLast() throws {
        let run = try record(["--", "sh", "-c", "/bin/sleep 0.1; echo done; exit 7"])
        #expect(run.status == 7, "its own exit status is passed on")
        #expect(run.output == "done\n")
        #expect(
            run.errors == "stallscope: attached; recording into \(scratch.path())\n",
            "where stderr is no terminal, no more is said: \(run.errors)")
        let recording = try Recording.open(scratch.path())
        #expect(recording.isFinished)
        #expect(try comms(scratch.path()).isSuperset(of: ["sh", "sleep"]))
        let conservation = try recording.conservation()
        #expect(conservation.rows > 1 && conservation.largestDeviation == 0)
        let targets = try recording.targets()
        #expect(targets.contains { $0.event == "removed" && $0.reason == "exited with status 7" })
        #expect(targets.count { $0.event == "added" } == targets.count { $0.event == "removed" })
        let report = try RunningCommand.run(["report", "--json", scratch.path()])
        #expect(report.status == 0)
        let json = try JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [String: Any]
        let threads = try #require(json?["threads"] as? [[String: Any]])
        #expect(threads.contains { $0["comm"] as? String == "sleep" })
        let mode = try FileManager.default.attributesOfItem(atPath: scratch.path())[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory) == ["test.stall"])
    }

    @Test func aCommandThatASignalEndsHasItsStatusToo() throws {
        #expect(try record(["--", "sh", "-c", "kill -9 $$"]).status == 137)
        let targets = try Recording.open(scratch.path()).targets()
        #expect(targets.contains { $0.reason == "killed by SIGKILL" })
    }

    @Test func recordingEndsWithItsTarget() throws {
        let target = try RunningCommand(["60"], program: "/bin/sleep")
        defer { target.end() }
        let recorder = try RunningCommand(
            ["record", "--pid", "\(target.pid)", "--interval", "100ms", "--output", scratch.path()])
        try waitForTicks(1)
        target.send(SIGTERM)
        #expect(try target.wait().status == -SIGTERM)
        let ended = try recorder.wait()
        #expect(ended.status == 0, "\(ended.errors)")
        let recording = try Recording.open(scratch.path())
        #expect(recording.isFinished)
        let targets = try recording.targets()
        #expect(targets.map(\.event) == ["added", "removed"])
        #expect(targets.first?.reason.contains("--pid") == true)
        #expect(targets.last?.reason == "killed by SIGTERM")
    }

    @Test func durationEndsARecordingAndNotItsTarget() throws {
        let target = try RunningCommand(["60"], program: "/bin/sleep")
        defer { target.end() }
        #expect(try record(["--pid", "\(target.pid)", "--duration", "200ms"]).status == 0)
        #expect(kill(target.pid, 0) == 0)
        let recording = try Recording.open(scratch.path())
        #expect(recording.isFinished)
        #expect(try recording.targets().last?.reason == "the recording ended")
        // All of the recording, which is no shorter than it was asked to be.
        let alive = try recording.conservation().alive
        let ticks = try recording.ticks()
        #expect(alive > 0 && alive <= ticks.reduce(0) { $0 + $1.duration })
        #expect(ticks.reduce(0) { $0 + $1.duration } >= 200_000_000)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalEndsARecordingInOrder(signal: Int32) throws {
        let target = try RunningCommand(["60"], program: "/bin/sleep")
        defer { target.end() }
        // Ticks that come late are warned of.
        let recorder = try RunningCommand([
            "record", "--pid", "\(target.pid)", "--interval", "100ms", "--log-level", "error", "--output",
            scratch.path(),
        ])
        try waitForTicks(1)
        let asked = Clock.bootTime()
        recorder.send(signal)
        let run = try recorder.wait()
        #expect(run.status == 0)
        #expect(run.errors == "stallscope: attached; recording into \(scratch.path())\n")
        let recording = try Recording.open(scratch.path())
        #expect(recording.isFinished)
        let last = try #require(try recording.ticks().last)
        #expect(last.bootTime >= asked, "up to the signal, not to the tick before")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.directory) == ["test.stall"])
    }

    @Test func whatAKilledRecorderLeavesCanBeRead() throws {
        let target = try RunningCommand(["60"], program: "/bin/sleep")
        defer { target.end() }
        let recorder = try RunningCommand(
            ["record", "--pid", "\(target.pid)", "--interval", "100ms", "--output", scratch.path()])
        try waitForTicks(3)
        recorder.send(SIGKILL)
        #expect(try recorder.wait().status == -SIGKILL)
        let run = try RunningCommand.run(["report", scratch.path()])
        #expect(run.status == 0)
        #expect(run.output.contains("sleep"))
        #expect(try Recording.open(scratch.path()).ticks().count >= 3)
    }

    @Test func twoRecordingsAtOnceSeeTheSame() throws {
        let target = try RunningCommand(["60"], program: "/bin/sleep")
        defer { target.end() }
        let paths = [scratch.path("one.stall"), scratch.path("two.stall")]
        let recorders = try paths.map { path in
            try RunningCommand(["record", "--pid", "\(target.pid)", "--interval", "100ms", "--output", path])
        }
        for path in paths { try waitForTicks(1, in: path) }
        target.send(SIGTERM)
        #expect(try target.wait().status == -SIGTERM)
        for recorder in recorders { #expect(try recorder.wait().status == 0) }
        for path in paths {
            #expect(try comms(path) == ["sleep"])
            #expect(try Recording.open(path).conservation().largestDeviation == 0)
        }
    }

    @Test func aTerminalShowsOneLineOfProgress() throws {
        let run = try record(["--interval", "100ms", "--", "sleep", "0.6"], onTerminal: true)
        #expect(run.status == 0)
        // Each tick writes over the line before, and the last sentence over all of them.
        #expect(run.errors.hasPrefix("stallscope: attached; "), "\(run.errors.debugDescription)")
        let states = run.errors.components(separatedBy: "\r\u{1B}[K")
        #expect(states.count >= 3, "\(run.errors.debugDescription)")
        #expect(states.contains { $0.contains("1 process  1 thread") })
        #expect(states.last?.contains("recorded") == true)
        #expect(states.last?.contains("stallscope report") == true)
    }

    @Test func doctorFindsThatRecordingWorks() throws {
        let text = try RunningCommand.run(["doctor"])
        #expect(text.status == 0, "\(text.output)")
        #expect(text.output.hasSuffix("Recording works.\n"))
        let json = try RunningCommand.run(["doctor", "--json"])
        let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(report?["recording_works"] as? Bool == true)
        let checks = try #require(report?["checks"] as? [[String: Any]])
        #expect(checks.filter { $0["required"] as? Bool == true }.count >= 8)
        #expect(Set(checks.compactMap { $0["name"] as? String }).count == checks.count)
    }

    /// Waits until a reader sees as many ticks; gives up after 20 s.
    private func waitForTicks(_ count: Int, in path: String? = nil) throws {
        let path = path ?? scratch.path()
        for _ in 0..<400 {
            if try tickCount(path) >= count { return }
            usleep(50_000)
        }
        Issue.record("no \(count) ticks in 20 s")
    }

    /// 0 while the file is being made.
    private func tickCount(_ path: String) throws -> Int {
        do {
            return try Recording.open(path).ticks().count
        } catch {
            switch error {
            case .notFound, .notARecording: return 0
            default: throw error
            }
        }
    }
}
