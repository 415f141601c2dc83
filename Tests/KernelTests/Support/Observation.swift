import BPF
import Collector
import Foundation
import Logging
import Model
import Probes
import Testing

/// Everything that a recording of one program holds, kept in memory.
struct Observation {
    /// What was run, for messages.
    var name = ""
    var batches: [TickBatch] = []
    var truths: [Truth] = []
    var pid: UInt32 = 0
    /// Nanoseconds that the hypervisor gave this machine's CPUs to others, meanwhile.
    var stolen: UInt64 = 0
    /// How often the kernel was away in a task in whose context it calls no program, so that nobody saw whom an
    /// interrupt woke meanwhile, or which member of a set was ready.
    var unseenTurns: UInt64 = 0
    /// Whether the programs for requests of io_uring were attached at the end.
    var watchedRings = false

    /// Runs a test program under watch, from its first instruction to its end.
    static func of(
        _ name: String, _ arguments: [String] = [], interval: Duration = .milliseconds(100),
        limits: KernelPlane.Limits = KernelPlane.Limits(),
        following: KernelPlane.Following = KernelPlane.Following(), adopting: Bool = false,
        lingeringUntil: ((Observation) -> Bool)? = nil,
        intervalBudget: UInt64? = RecorderOptions().intervalBudget
    ) throws -> Observation {
        let program = try TestProgram(name)
        return try of(
            path: program.path, arguments, interval: interval, limits: limits, following: following,
            adopting: adopting, printsTruth: true, lingeringUntil: lingeringUntil,
            intervalBudget: intervalBudget)
    }

    /// Runs several test programs under one watch, one after the other, and has what each of them tells.
    ///
    /// Asserts that nothing was lost and that time is conserved.
    static func ofEach(
        _ programs: [[String]], interval: Duration = .milliseconds(100),
        limits: KernelPlane.Limits = KernelPlane.Limits(),
        following: KernelPlane.Following = KernelPlane.Following(),
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [Observation] {
        let script = try programs.map { words in
            try ([TestProgram(words[0]).path] + words.dropFirst()).joined(separator: " ")
        }
        let seen = try of(
            path: "/bin/sh", ["-c", script.joined(separator: " || exit\n")], interval: interval,
            limits: limits,
            following: following, printsTruth: true)
        seen.expectTimeIsConserved(sourceLocation: sourceLocation)
        #expect(seen.losses.isEmpty, "\(seen.losses)", sourceLocation: sourceLocation)
        var runs: [Observation] = []
        for truth in seen.truths {
            if truth.event == "start" {
                var run = seen
                run.name = programs[min(runs.count, programs.count - 1)].joined(separator: " ")
                run.truths = []
                run.pid = truth.pid ?? 0
                runs.append(run)
            }
            if !runs.isEmpty { runs[runs.count - 1].truths.append(truth) }
        }
        try #require(runs.count == programs.count, sourceLocation: sourceLocation)
        return runs
    }

    /// - Parameters:
    ///   - adopting: begin to watch only when the program runs and has said that it waits for its input.
    ///   - printsTruth: all that it prints is lines of JSON.
    ///   - lingeringUntil: the test is about names, which are found while the program is there: when all is done it stays
    ///     until this is true, or for 20 s.
    static func of(
        path: String, _ arguments: [String], interval: Duration = .milliseconds(100),
        limits: KernelPlane.Limits = KernelPlane.Limits(),
        following: KernelPlane.Following = KernelPlane.Following(), adopting: Bool = false,
        printsTruth: Bool = false, lingeringUntil: ((Observation) -> Bool)? = nil,
        intervalBudget: UInt64? = RecorderOptions().intervalBudget
    ) throws -> Observation {
        var options = RecorderOptions()
        options.interval = UInt64(interval / .nanoseconds(1))
        options.duration = 120_000_000_000
        options.intervalBudget = intervalBudget
        let plane = try KernelPlane(collectorPID: UInt32(getpid()), limits: limits, following: following)
        var observation = Observation()
        let recorder = try Recorder(
            options: options, plane: plane, source: HostProcesses(), resources: HostResources(),
            policy: following.communication ? FollowPolicy() : nil, logger: Logger(label: "test")
        ) { observation.batches.append($0) }

        let output = FileManager.default.temporaryDirectory.appending(path: "stallscope-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        #expect(FileManager.default.createFile(atPath: output.path, contents: nil))
        let held = try adopting ? HeldInput(output: output) : nil
        let stolenBefore = try stolenTime()
        let shell = [
            "/bin/sh", "-c",
            "\(adopting ? "export HOLD=1; " : "")\(lingeringUntil == nil ? "" : "export LINGER=1; ")exec \"$0\" \"$@\" <\(held?.input ?? "/dev/null") >\(output.path)",
            path,
        ]
        let start = { try Command(starting: shell + arguments) }
        let command = try adopting ? start() : recorder.spawn(start)
        if let held {
            try held.waitForStart()
            try recorder.add([(UInt32(command.pid), "asked for by a test")])
            try held.release()
        }
        observation.pid = UInt32(command.pid)
        observation.name = ([path] + arguments).joined(separator: " ")
        let deadline = Clock.bootTime() + 60_000_000_000, patience = Clock.bootTime() + 20_000_000_000
        var (ticks, isToldToEnd) = (0, false)
        try recorder.run {
            if let lingeringUntil, !isToldToEnd, ticks < observation.batches.count {
                ticks = observation.batches.count
                isToldToEnd = lingeringUntil(observation) || Clock.bootTime() > patience
                if isToldToEnd { for pid in leaves(below: command.pid) { kill(pid, SIGTERM) } }
            }
            return Clock.bootTime() > deadline
        }
        observation.watchedRings = plane.watchesRings
        observation.unseenTurns = plane.unseenTurns
        if Clock.bootTime() > deadline {
            Issue.record("waited a minute for the end of \(observation.name)")
            killWithChildren(command.pid)
        }
        #expect(exitStatus(of: command) == 0, "\(path) did not end well")
        // The last tick may be under way at both ends.
        observation.stolen = try stolenTime() - stolenBefore + 20_000_000
        if printsTruth {
            observation.truths = try Truth.lines(Data(contentsOf: output))
        }
        return observation
    }

    /// Watches programs that run already, from when they are released.
    ///
    /// - Parameters:
    ///   - targets: those that are asked for.
    ///   - others: run beside them, and are targets only if they are found.
    ///   - shouldStop: nil: until the targets have ended.
    static func watching(
        _ targets: [HeldProgram], beside others: [HeldProgram] = [],
        options: RecorderOptions = RecorderOptions(),
        following: KernelPlane.Following = KernelPlane.Following(), policy: FollowPolicy? = nil,
        shouldStop: () -> Bool = { false }
    ) throws -> Observation {
        let plane = try KernelPlane(collectorPID: UInt32(getpid()), following: following)
        var observation = Observation()
        let stolenBefore = try stolenTime()
        let recorder = try Recorder(
            options: options, plane: plane, source: HostProcesses(), resources: HostResources(),
            policy: policy, logger: Logger(label: "test")
        ) { observation.batches.append($0) }
        try recorder.add(targets.map { ($0.pid, "asked for by the test") })
        for program in others + targets { program.release() }
        let deadline = Clock.bootTime() + 20_000_000_000
        try recorder.run { Clock.bootTime() > deadline || shouldStop() }
        observation.watchedRings = plane.watchesRings
        observation.unseenTurns = plane.unseenTurns
        observation.stolen = try stolenTime() - stolenBefore + 20_000_000
        observation.pid = targets.first?.pid ?? 0
        for program in targets + others { observation.truths += try program.end() }
        return observation
    }

    /// The same, and has what each of the targets tells.
    static func watchingEach(
        _ targets: [HeldProgram], options: RecorderOptions = RecorderOptions(),
        following: KernelPlane.Following, policy: FollowPolicy? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [Observation] {
        let whole = try watching(targets, options: options, following: following, policy: policy)
        whole.expectTimeIsConserved(sourceLocation: sourceLocation)
        #expect(whole.losses.isEmpty, "\(whole.losses)", sourceLocation: sourceLocation)
        return targets.map { target in
            var run = whole
            run.pid = target.pid
            // Each has its own lines together, and its first says that it starts.
            let start = whole.truths.firstIndex { $0.event == "start" && $0.pid == target.pid } ?? 0
            let next = whole.truths[(start + 1)...].firstIndex { $0.event == "start" }
            run.truths = Array(whole.truths[start..<(next ?? whole.truths.count)])
            return run
        }
    }

    // MARK: What it holds

    var threads: [Int64: ThreadVersion] {
        Dictionary(batches.flatMap(\.threads).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }
    var processes: [Int64: ProcessVersion] {
        Dictionary(batches.flatMap(\.processes).map { ($0.id, $0) }, uniquingKeysWith: { $1 })
    }
    /// Without ticks that came late, which loses nothing and is a matter of who else wants the CPUs, and without what an
    /// interrupt brought, for whomever, while the same program was at work on its CPU.
    var losses: [Loss] {
        batches.flatMap(\.losses).filter { $0.what != "ticks" && $0.what != Loss.namesOfWaits }
    }

    /// Thread-ticks: stored samples, and the whole ticks of threads that stayed in one wait.
    var rows: [(tick: Int64, thread: ThreadVersion, sample: ThreadSample)] {
        let threads = threads
        var rows = batches.flatMap { batch in
            batch.samples.compactMap { entry in
                threads[entry.thread].map { (batch.tick.number, $0, entry.sample) }
            }
        }
        let ends = batches.flatMap(\.idleRunEnds)
        for run in batches.flatMap(\.idleRuns) {
            let end = ends.first { $0.thread == run.thread && $0.lastTick >= run.firstTick - 1 }
            let last = end?.lastTick ?? batches.last?.tick.number ?? 0
            for batch in batches where batch.tick.number >= run.firstTick && batch.tick.number <= last {
                guard let thread = threads[run.thread] else { continue }
                var sample = ThreadSample()
                sample.alive = batch.tick.duration
                if batch.tick.number == run.firstTick { sample.alive &-= UInt64(bitPattern: run.beginOffset) }
                if batch.tick.number == end?.lastTick {
                    sample.alive &+= UInt64(bitPattern: end?.endOffset ?? 0)
                }
                if run.subject.isUninterruptible {
                    sample.uninterruptible = sample.alive
                } else {
                    sample.interruptible = sample.alive
                }
                rows.append((batch.tick.number, thread, sample))
            }
        }
        return rows
    }

    /// The sum over all ticks of the thread with this tid.
    func total(tid: UInt32?) -> ThreadSample {
        rows.filter { $0.thread.tid == tid }.reduce(into: ThreadSample()) { $0 += $1.sample }
    }

    func waits(tid: UInt32?) -> [WaitSample] {
        let threads = threads
        return batches.flatMap(\.waits).filter { threads[$0.thread]?.tid == tid }.map(\.wait)
    }

    /// Asserts that a thread's time agrees with what the kernel told the thread itself.  After it has asked the thread has
    /// still to end, and may be kept from that by others for many milliseconds: it has been in the run queue for as long
    /// as the kernel says of it at its end.
    func expectAgreement(with truth: Truth, sourceLocation: SourceLocation = #_sourceLocation) {
        let total = total(tid: truth.tid)
        expectCloseness(total, onCPU: truth.on_cpu_ns ?? 0, runQueue: total.kernelRunQueue, sourceLocation)
        #expect((truth.run_queue_ns ?? 0) <= total.kernelRunQueue, sourceLocation: sourceLocation)
    }

    /// Asserts that the sums over all threads agree with the kernel's own counters of the same threads.
    func expectAgreementWithKernel(sourceLocation: SourceLocation = #_sourceLocation) {
        let sum = rows.reduce(into: ThreadSample()) { $0 += $1.sample }
        expectCloseness(sum, onCPU: sum.kernelOnCPU, runQueue: sum.kernelRunQueue, sourceLocation)
    }

    /// The kernel stamps a switch up to 2 us apart from the tracepoints, 12 us where an idle CPU is woken, and leaves out
    /// what the hypervisor stole, of which /proc/stat tells whole ticks.
    private func expectCloseness(
        _ sample: ThreadSample, onCPU: UInt64, runQueue: UInt64, _ sourceLocation: SourceLocation
    ) {
        let slack = 12_000 * (sample.voluntarySwitches + sample.involuntarySwitches) + stolen + 1_000_000
        #expect(
            max(sample.onCPU, onCPU) - min(sample.onCPU, onCPU) <= slack,
            "on CPU for \(sample.onCPU) ns, by the kernel's account for \(onCPU) ns",
            sourceLocation: sourceLocation)
        #expect(
            max(sample.runQueue, runQueue) - min(sample.runQueue, runQueue) <= slack,
            "in the run queue for \(sample.runQueue) ns, by the kernel's account for \(runQueue) ns",
            sourceLocation: sourceLocation)
    }

    /// Asserts the invariant that everything rests on, for every thread and tick.
    func expectTimeIsConserved(sourceLocation: SourceLocation = #_sourceLocation) {
        let rows = rows
        #expect(!rows.isEmpty, sourceLocation: sourceLocation)
        expectWholeLives(rows.map { ($0.thread, $0.sample) }, sourceLocation)
        for (tick, thread, sample) in rows {
            #expect(
                sample.unaccounted == 0,
                "tick \(tick), \(thread.comm) \(thread.tid): \(sample.unaccounted) of \(sample.alive) ns",
                sourceLocation: sourceLocation)
        }
        for batch in batches {
            var waited: [Int64: UInt64] = [:]
            for (thread, wait) in batch.waits { waited[thread, default: 0] += wait.total }
            for (thread, sample) in batch.samples {
                #expect(waited[thread] ?? 0 == sample.blocked, sourceLocation: sourceLocation)
            }
            var queued: [Int64: UInt64] = [:]
            for (thread, occupant) in batch.occupants { queued[thread, default: 0] += occupant.total }
            for (thread, sample) in batch.samples {
                #expect(
                    queued[thread] ?? 0 == sample.runQueue, "by occupants, and in all",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// Of a thread that was seen to end, all its time is told, and once.
    private func expectWholeLives(
        _ rows: [(thread: ThreadVersion, sample: ThreadSample)], _ sourceLocation: SourceLocation
    ) {
        let threads = threads
        let versions = Dictionary(grouping: threads.values, by: \.thread)
        var told: [Int64: UInt64] = [:]
        for (thread, sample) in rows { told[thread.thread, default: 0] += sample.alive }
        for end in batches.flatMap(\.ends) {
            guard let last = threads[end.thread], let since = versions[last.thread]?.map(\.since).min()
            else { continue }
            // By the wall clock, which may be slewed meanwhile.
            #expect(
                isClose(told[last.thread] ?? 0, end.time - since, within: 0.001, slack: 1000),
                "\(last.comm) \(last.tid): \(told[last.thread] ?? 0) of \(end.time - since) ns",
                sourceLocation: sourceLocation)
        }
    }
}

extension KernelPlane.Limits {
    /// For storms: a collector that was built without optimisation takes ten times as long for each event, and is to
    /// lose none all the same.
    static var roomy: KernelPlane.Limits {
        var limits = KernelPlane.Limits()
        limits.eventBytes = 32 << 20
        return limits
    }
}

/// Whether two durations in nanoseconds differ by at most a share of the second, or by `slack` ns.
func isClose(_ value: UInt64, _ truth: UInt64, within share: Double, slack: UInt64 = 100_000) -> Bool {
    let difference = value > truth ? value - truth : truth - value
    return Double(difference) <= max(Double(truth) * share, Double(slack))
}

private func children(of pid: pid_t) -> [pid_t] {
    let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { pid_t($0) }
}

/// The processes below one, or this itself, that have started no other.
private func leaves(below pid: pid_t) -> [pid_t] {
    let children = children(of: pid)
    return children.isEmpty ? [pid] : children.flatMap(leaves)
}

/// Ends a process and all that it has started, and what those have.
private func killWithChildren(_ pid: pid_t) {
    kill(pid, SIGSTOP)
    for child in children(of: pid) { killWithChildren(child) }
    kill(pid, SIGKILL)
}

/// Waits for the command, which has ended or is about to.
private func exitStatus(of command: Command) -> Int32? {
    for _ in 0..<1000 {
        if let status = command.exitStatus() { return status }
        usleep(10_000)
    }
    return nil
}

/// Stolen time of all CPUs since boot, from `/proc/stat` counted in ticks of 10 ms.
func stolenTime() throws -> UInt64 {
    let stat = try String(contentsOfFile: "/proc/stat", encoding: .utf8)
    let fields = stat.prefix { $0 != "\n" }.split(separator: " ")
    return fields.count > 8 ? (UInt64(fields[8]) ?? 0) * 10_000_000 : 0
}
