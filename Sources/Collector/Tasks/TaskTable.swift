import Model
import Probes
import ProcFS

/// Who is under watch, and what they are called.
///
/// Turns births, execs, renames and ends into versions of processes and threads, as rows for the recording.
/// Times in are `CLOCK_BOOTTIME`; rows carry wall-clock times by `wallOffset`.
struct TaskTable {
    private(set) var threads: [UInt32: TrackedThread] = [:]
    private(set) var processes: [Int64: TrackedProcess] = [:]
    private var processOfPID: [UInt32: Int64] = [:]
    private var cgroupsOfEnded: [UInt32: String] = [:]
    private var lastID: Int64 = 0
    private let source: any ProcessFactsSource

    /// Added to `CLOCK_BOOTTIME` it gives nanoseconds since the Unix epoch.
    var wallOffset: UInt64 = 0
    /// Why processes that the user asked for are targets, by pid.
    var reasons: [UInt32: String] = [:]

    /// Processes that became targets by themselves since this was last emptied: one thread of each.
    var foundProcesses: [(pid: UInt32, usesEndpoint: Bool)] = []

    // Rows that the next batch takes along.
    var newProcesses: [ProcessVersion] = []
    var newThreads: [ThreadVersion] = []
    var ends: [TaskEnd] = []
    var targetEvents: [TargetEvent] = []

    init(source: any ProcessFactsSource) { self.source = source }

    var liveProcessCount: Int { processOfPID.count }
    var livePIDs: [UInt32] { Array(processOfPID.keys) }
    /// Of those that were asked for, and their descendants.
    private(set) var liveRootCount = 0
    /// All that ever were targets, ended ones too.
    private(set) var seenProcesses = 0
    private(set) var seenThreads = 0

    mutating func noteActivity(of thread: UInt32, at time: UInt64) {
        guard let process = threads[thread]?.process else { return }
        processes[process]?.lastActive = time
    }

    /// Processes of which no thread has been on a CPU since `time`.
    func idle(since time: UInt64) -> [UInt32] {
        processes.values.filter { $0.lastActive < time }.map(\.version.pid)
    }

    func liveThreads(of pid: UInt32) -> Set<UInt32> {
        processOfPID[pid].flatMap { processes[$0]?.live } ?? []
    }

    func pid(ofThread thread: UInt32) -> UInt32? {
        threads[thread].flatMap { processes[$0.process]?.version.pid }
    }

    /// Also of a process that has ended in this tick: some of what it did is told after its end.
    func cgroup(of pid: UInt32) -> String? {
        processOfPID[pid].flatMap { processes[$0]?.version.cgroup } ?? cgroupsOfEnded[pid]
    }

    /// The tick is over, and all that its ended processes did is told.
    mutating func forgetEnded() { cgroupsOfEnded.removeAll() }

    /// Of all processes under watch.
    var cgroups: Set<String> { Set(processes.values.map(\.version.cgroup)) }

    func comm(of pid: UInt32) -> String? {
        processOfPID[pid].flatMap { processes[$0]?.version.comm }
    }

    /// The host's id of a child that its parent calls by one of their pid namespace; the same where there is none.
    func hostPID(ofChild child: UInt64, of parent: UInt32) -> UInt64 {
        let caller = processOfPID[parent].flatMap { processes[$0]?.version }
        guard let caller, caller.namespacePID != caller.pid else { return child }
        let known = processes.values.first {
            $0.version.parentPID == parent && UInt64($0.version.namespacePID) == child
        }
        return known.map { UInt64($0.version.pid) } ?? child
    }

    mutating func withThread<Result>(
        _ thread: UInt32, _ body: (inout TrackedThread) -> Result
    ) -> Result? {
        guard let index = threads.index(forKey: thread) else { return nil }
        return body(&threads.values[index])
    }

    // MARK: Events

    /// - Parameter place: the resource at which a process was found.
    mutating func handle(_ birth: KernelEvent.Birth, foundAt place: String? = nil) {
        guard threads[birth.thread] == nil else { return }
        let process = processOfPID[birth.pid] ?? addProcess(birth, foundAt: place)
        lastID += 1
        let version = ThreadVersion(
            id: lastID, thread: Int64(birth.thread), process: processes[process]?.version.id ?? 0,
            since: wall(birth.at), tid: birth.tid, namespaceTID: birth.namespaceTID,
            started: wall(birth.started), comm: birth.comm)
        seenThreads += 1
        newThreads.append(version)
        threads[birth.thread] = TrackedThread(version: version, process: process)
        processes[process]?.live.insert(birth.thread)
    }

    mutating func handle(_ exec: KernelEvent.Exec) {
        guard let process = threads[exec.thread]?.process else { return }
        let known = source.facts(of: exec.pid)
        changeProcess(process, at: exec.at) { version in
            version.comm = exec.comm
            version.executable = known?.executable ?? exec.path
            let complete = exec.areArgumentsComplete || known == nil
            version.commandLine =
                complete
                ? ProcessArguments.line(exec.arguments)
                : known?.commandLine ?? ProcessArguments.line(exec.arguments)
            if let known {
                version.cgroup = known.cgroup
                version.container = known.container
                version.pod = known.pod
            }
        }
        // A thread other than the leader that calls execve takes over the leader's tid.
        changeThread(exec.thread, at: exec.at) { version in
            version.comm = exec.comm
            version.tid = exec.tid
        }
    }

    mutating func rename(_ thread: UInt32, to comm: String, at time: UInt64) {
        guard let known = threads[thread], known.version.comm != comm else { return }
        if let process = processes[known.process], process.version.pid == known.version.tid {
            changeProcess(known.process, at: time) { $0.comm = comm }
        }
        changeThread(thread, at: time) { $0.comm = comm }
    }

    /// - Parameter cgroup: as the kernel tells it: what counts of a process that is gone already.  /proc says the same, but
    ///   with all of a host's hierarchies to choose from.
    mutating func moved(
        _ thread: UInt32, pid: UInt32, to cgroup: String = "", isUnified: Bool = true, at time: UInt64
    ) {
        guard let process = threads[thread]?.process else { return }
        let known = source.facts(of: pid)
        // The root of one of several hierarchies says less than what is known.
        guard known != nil || !cgroup.isEmpty && (isUnified || cgroup != "/") else { return }
        let container = ContainerIdentity(cgroupPath: cgroup)
        changeProcess(process, at: time) { version in
            version.cgroup = known?.cgroup ?? cgroup
            version.container = known?.container ?? container?.id ?? ""
            version.pod = known?.pod ?? container?.podUID ?? ""
        }
    }

    mutating func end(_ record: SampleRecord, exitCode: Int32) {
        guard let thread = threads.removeValue(forKey: record.thread) else { return }
        var process = processes[thread.process]
        process?.live.remove(record.thread)
        if process?.version.pid == record.tid { process?.exitCode = exitCode }
        processes[thread.process] = process
        let isLast = process?.live.isEmpty ?? false
        ends.append(
            TaskEnd(
                thread: thread.version.id, process: isLast ? process?.version.id : nil,
                time: wall(record.to), exitCode: isLast ? process?.exitCode ?? exitCode : exitCode))
        if isLast, let process {
            remove(process, at: record.to, why: describeExit(process.exitCode ?? exitCode))
        }
    }

    /// A sample came of a thread whose birth was lost.
    mutating func handleUnknown(_ record: SampleRecord) {
        handle(
            KernelEvent.Birth(
                thread: record.thread, pid: record.pid, tid: record.tid, at: record.from,
                comm: "tid \(record.tid)"))
        moved(record.thread, pid: record.pid, at: record.from)
    }

    /// Ends the threads that exist no more although no last sample came: the ring buffer was full.
    /// - Parameter expected: threads whose last sample is still to come.
    mutating func endVanished(at time: UInt64, expected: Set<UInt32> = []) {
        for (id, thread) in threads where !expected.contains(id) {
            guard let process = processes[thread.process],
                !source.isAlive(pid: process.version.pid, tid: thread.version.tid)
            else { continue }
            threads[id] = nil
            processes[thread.process]?.live.remove(id)
            let isLast = processes[thread.process]?.live.isEmpty ?? false
            ends.append(
                TaskEnd(
                    thread: thread.version.id, process: isLast ? process.version.id : nil,
                    time: wall(time), exitCode: 0))
            if isLast { remove(process, at: time, why: "ended; how was lost") }
        }
    }

    /// The recording ends while these targets go on.
    mutating func closeAll(at time: UInt64, why: String) {
        for process in processes.values.sorted(by: { $0.version.pid < $1.version.pid }) {
            remove(process, at: time, why: why)
        }
    }

    // MARK: Versions

    private func wall(_ time: UInt64) -> UInt64 { time &+ wallOffset }

    private mutating func addProcess(_ birth: KernelEvent.Birth, foundAt place: String?) -> Int64 {
        lastID += 1
        let parent = processOfPID[birth.parentPID].flatMap { processes[$0]?.version }
        // A child begins as its parent's copy; only what has no tracked parent must be looked up.
        let facts =
            birth.reason == .forked && parent != nil
            ? ProcessFacts(
                commandLine: parent?.commandLine ?? "", executable: parent?.executable ?? "",
                cgroup: parent?.cgroup ?? "", container: parent?.container ?? "", pod: parent?.pod ?? "")
            : source.facts(of: birth.pid) ?? ProcessFacts()
        let version = ProcessVersion(
            id: lastID, process: lastID, since: wall(birth.at), pid: birth.pid, parentPID: birth.parentPID,
            namespacePID: birth.namespacePID, started: wall(birth.processStarted), comm: birth.leaderComm,
            commandLine: facts.commandLine, executable: facts.executable, cgroup: facts.cgroup,
            container: facts.container, pod: facts.pod, uid: birth.uid)
        let reason =
            switch birth.reason {
            case .forked: "forked by \(birth.parentPID) (\(parent?.comm ?? "?"))"
            case .spawned: "the command given to record"
            case .adopted: reasons[birth.pid] ?? "asked for"
            case .woke, .woken, .endpoint: foundReason(birth, place)
            }
        var isFound = [.woke, .woken].contains(birth.reason)
        if isFound || birth.reason == .endpoint { foundProcesses.append((birth.pid, !isFound)) }
        if birth.reason == .forked, let parent = parent {
            isFound = processes[parent.process]?.isFound ?? false
        }
        if !isFound { liveRootCount += 1 }
        seenProcesses += 1
        newProcesses.append(version)
        processes[version.process] = TrackedProcess(
            version: version, reason: reason, isFound: isFound, lastActive: birth.at)
        processOfPID[birth.pid] = version.process
        targetEvents.append(
            TargetEvent(
                time: version.since, pid: birth.pid, process: version.id, event: .added,
                isRoot: !isFound, reason: reason))
        return version.process
    }

    /// `ended waits of redis-server/123 at tcp 127.0.0.1:6379 <- 127.0.0.1:40112`
    private func foundReason(_ birth: KernelEvent.Birth, _ place: String?) -> String {
        let place = place.map { " at \($0)" } ?? ""
        let other = threads[birth.foundBy].map { "\($0.version.comm)/\($0.version.tid)" } ?? "a target"
        return switch birth.reason {
        case .woke: "ended waits of \(other)" + place
        case .woken: "was woken by \(other)" + place
        default: "uses a watched endpoint"
        }
    }

    /// Ends the watch over a process that goes on.
    mutating func release(_ pid: UInt32, at time: UInt64, why: String) {
        guard let id = processOfPID[pid], let process = processes[id] else { return }
        for thread in process.live { threads[thread] = nil }
        remove(process, at: time, why: why)
    }

    private mutating func remove(_ process: TrackedProcess, at time: UInt64, why: String) {
        if processes.removeValue(forKey: process.version.process) != nil, !process.isFound {
            liveRootCount -= 1
        }
        if processOfPID[process.version.pid] == process.version.process {
            processOfPID[process.version.pid] = nil
        }
        cgroupsOfEnded[process.version.pid] = process.version.cgroup
        targetEvents.append(
            TargetEvent(
                time: wall(time), pid: process.version.pid, process: process.version.id, event: .removed,
                isRoot: !process.isFound, reason: why))
    }

    private mutating func changeProcess(
        _ process: Int64, at time: UInt64, _ change: (inout ProcessVersion) -> Void
    ) {
        guard var version = processes[process]?.version else { return }
        let before = version
        change(&version)
        guard version != before else { return }
        lastID += 1
        version.id = lastID
        version.since = wall(time)
        processes[process]?.version = version
        newProcesses.append(version)
        for thread in processes[process]?.live ?? [] { changeThread(thread, at: time) { _ in } }
    }

    /// Also refers the thread to the present version of its process.
    private mutating func changeThread(
        _ thread: UInt32, at time: UInt64, _ change: (inout ThreadVersion) -> Void
    ) {
        guard var known = threads[thread] else { return }
        let before = known.version
        change(&known.version)
        known.version.process = processes[known.process]?.version.id ?? known.version.process
        guard known.version != before else { return }
        lastID += 1
        known.version.id = lastID
        known.version.since = wall(time)
        threads[thread] = known
        newThreads.append(known.version)
    }
}
