import Foundation
import Model
import Testing

/// A run of a test program under our watch and another tool's at once.
struct Peer {
    let seen: Observation
    /// Of the program's own threads, which began after the tool did and ended before it.
    let truths: [Truth]
    /// What the tool printed.
    let output: String

    /// Runs a program of `Tests/Programs` from start to end under `tool`, which is given its pid and
    /// interrupted when it has ended.
    ///
    /// - Parameters:
    ///   - links: how many hooks the tool attaches to.  Each is an open file of its own, so the program is
    ///     held until that many are there.
    ///   - isOfWholeHost: the tool looks at everything, and is not given the pid.
    static func attached(
        _ tool: String, links: Int, to program: [String], isOfWholeHost: Bool = false
    ) throws -> Peer {
        let whom = isOfWholeHost ? "" : "-p $program"
        return try run(
            program,
            """
            mkfifo gate
            HOLD=1 "$@" <gate >truth & program=$!
            exec 3>gate
            \(tool) \(whom) >output 2>errors & tool=$!
            until [ "$(ls -l /proc/$tool/fd | grep -c 'bpf.link')" -ge \(links) ]; do
                kill -0 $tool || exit 1
                sleep 0.1
            done
            sleep 0.5
            echo >&3
            wait $program
            kill -INT $tool; wait
            """)
    }

    /// Runs a program under `perf sched record`, and `perf sched latency` on what that recorded.
    static func scheduled(by perf: String, _ program: [String]) throws -> Peer {
        try run(
            program,
            """
            \(perf) sched record -o data -- "$@" >truth 2>errors || exit 1
            \(perf) sched latency -p -i data >output 2>errors || exit 1
            wait
            """)
    }

    private static func run(_ program: [String], _ script: String) throws -> Peer {
        let path = try TestProgram(program[0]).path
        let burner = try TestProgram("burner").path
        let folder = FileManager.default.temporaryDirectory.appending(path: "stallscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let seen = try Observation.of(
            path: "/bin/sh",
            ["-c", "cd \(folder.path)\n\(burner) 2 3500 >/dev/null &\n\(script)", "sh", path]
                + program.dropFirst())
        // perf adds its own words to the program's output.
        let lines = try Data(contentsOf: folder.appending(path: "truth")).split(separator: UInt8(ascii: "\n"))
            .filter { $0.first == UInt8(ascii: "{") }
        let truths = try Truth.lines(Data(lines.joined(separator: [UInt8(ascii: "\n")])))
            .filter { $0.event == "thread" }
        try #require(!truths.isEmpty)
        let output = try String(contentsOf: folder.appending(path: "output"), encoding: .utf8)
        return Peer(seen: seen, truths: truths, output: output)
    }

    /// A thread's time as one sees it who only looks at switches: what the hypervisor took is then part of
    /// running.
    func total(_ truth: Truth) -> ThreadSample {
        var total = seen.total(tid: truth.tid)
        total.runQueue -= total.stolen
        total.onCPU += total.stolen
        return total
    }

    /// From a thread's creation to the moment when it read the clock for the first time.
    func beforeFirstRun(_ truth: Truth) -> UInt64 {
        guard let thread = seen.threads.values.first(where: { $0.tid == truth.tid }),
            let tick = seen.batches.first?.tick, let start = truth.start_ns
        else { return 0 }
        let created = thread.started &- (tick.time &- tick.bootTime)
        return start > created ? start - created : 0
    }
}
