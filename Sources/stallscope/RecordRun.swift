import ArgumentParser
import BPF
import Collector
import Doctor
import Glibc
import Logging
import Model
import Probes
import ProcFS
import Recording
import SystemPackage

/// What `record` does, once it is known what to record.
extension Record {
    func run() throws {
        let status = try record(ProgressLine(logging.logger()), keeping: kept.retention)
        if status != 0 { throw ExitCode(status) }
    }

    /// - Parameters:
    ///   - watcher: is told how it goes, and says when it ends.
    ///   - retention: what is kept while it goes on; nil: everything.
    /// - Returns: the exit status: that of the command, if one was given.
    func record(_ watcher: any RecordWatcher, keeping retention: Retention? = nil) throws -> Int32 {
        let logger = watcher.logger
        let obstacle = try findObstacle()
        let found = try resolveTargets(logger)
        var limits = KernelPlane.Limits()
        limits.eventBytes = eventBuffer
        limits.waits = waitEntries
        limits.resources = resourceEntries
        limits.threads = maxThreads
        limits.tellsStarts = targets.canMatchLater
        limits.hasIntervals = intervals != .off
        limits.intervalBytes = intervalBuffer ?? (intervals == .full ? 32 << 20 : limits.intervalBytes)
        limits.hasBlockIO = !noBlockIO
        limits.hasRings = !noIoUring
        limits.pmu = try pmuEvents()
        limits.cpus = HostIdentity.onlineCPUNumbers() ?? [0]
        limits.syscalls = syscalls?.numbers ?? []
        limits.hasPageCache = pageCache
        limits.hasStacks = stacks
        let policy =
            followed.follow == .ipc && !targets.all ? try FollowPolicy(exclude: followed.exclude) : nil

        let host = HostIdentity.read()
        let path = output ?? RecordingName.fresh(host: host.name)
        let writer = try RecordingWriter.create(
            at: path,
            header: RecordingHeader(
                host: host.name, kernel: host.kernelRelease, bootID: host.bootID, cpus: host.onlineCPUs,
                started: Clock.wallTime(), interval: ticks.interval.nanoseconds,
                command: ProcessArguments.line(CommandLine.arguments), version: Stallscope.version),
            retention: retention)
        watcher.created()
        defer { DelayAccounting.restore() }
        let recorder: any TargetRecorder
        do {
            var (plane, fallback) = (KernelPlane?.none, obstacle)
            if obstacle == nil { (plane, fallback) = try load(limits, logger) }
            if let plane { try checkCounters(plane, wanted: limits.pmu, logger) }
            recorder = try makeRecorder(plane, fallback, policy, logger, writer)
        } catch {
            do { try writer.discard() } catch { logger.debug("removing the recording: \(error)") }
            throw error
        }
        recorder.onProgress = { watcher.show($0) }

        do {
            let started = try start(recorder, found)
            watcher.began(path)
            try recorder.run(ready: {
                giveUpPrivileges(writingIn: FilePath(writer.path).removingLastComponent(), logger)
            }) { watcher.isStopping }
            try writer.finish()
            watcher.finished(writer.path, calledAs: path)
            return started.map { finish($0, logger) } ?? 0
        } catch let error as CommandError {
            // Nothing was recorded, so nothing stays.
            do { try writer.discard() } catch { logger.debug("removing the recording: \(error)") }
            throw error
        } catch {
            watcher.failed()
            // What was stored stays; the first error is the one to tell.
            do { try writer.finish() } catch { logger.debug("closing after an error: \(error)") }
            throw error
        }
    }

    private func resolveTargets(_ logger: Logger) throws -> [TargetSelection.Target] {
        guard !targets.selector.isEmpty else { return [] }
        let proc = ProcTree()
        let selection = try TargetResolver(targets.selector, proc: proc).resolve(
            excluding: proc.collectorPIDs())
        for note in selection.notes { logger.notice("\(note)") }
        logger.info("found \(selection.targets.count) of \(selection.examined) processes")
        return selection.targets
    }

    /// Why a process that starts later is a target; nil where none can be.
    private func latecomer() throws -> ((UInt32) -> String?)? {
        guard targets.canMatchLater else { return nil }
        let resolver = try TargetResolver(targets.selector)
        return { resolver.reason(pid: $0) }
    }

    /// Why BPF programs cannot be used, as a sentence; nil if nothing is known to be in the way.
    ///
    /// - Throws: ``HostObstacle`` where nothing can be recorded without them.
    private func findObstacle() throws -> String? {
        do {
            try Examination().requireRecording()
            return nil
        } catch {
            guard taskstats else { throw error }
            return "BPF programs cannot be used: \(error.check.detail)."
        }
    }

    private func load(_ limits: KernelPlane.Limits, _ logger: Logger) throws -> (KernelPlane?, String?) {
        do {
            let plane = try KernelPlane(
                collectorPID: UInt32(getpid()), limits: limits, following: following())
            for missing in plane.untold {
                logger.info("this kernel does not tell \(missing)")
            }
            if syscalls != nil, !plane.tellsSyscalls {
                logger.warning("--syscalls: this kernel does not tell system calls, so none are counted")
            }
            return (plane, nil)
        } catch  where limits.hasStacks {
            if !error.verifierLog.isEmpty { logger.debug("\(error.verifierLog)") }
            var without = limits
            without.hasStacks = false
            let loaded = try load(without, logger)
            if loaded.0 != nil {
                logger.warning(
                    "--stacks: this kernel does not let programs take stacks, so there are none. \(error)")
            }
            return loaded
        } catch {
            let kept = VerifierLog.keep(error.verifierLog).map { " The kernel's reasons are in \($0)." } ?? ""
            guard taskstats else { throw VerifierLog.Refusal(error: error, note: kept) }
            return (nil, "BPF programs cannot be used. \(error)\(kept)")
        }
    }

    /// - Parameter plane: nil: only totals are recorded, for the reason that `fallback` gives.
    private func makeRecorder(
        _ plane: KernelPlane?, _ fallback: String?, _ policy: FollowPolicy?, _ logger: Logger,
        _ writer: RecordingWriter
    ) throws -> any TargetRecorder {
        let accounts = try makeAccounts(logger)
        if let plane {
            return try Recorder(
                options: options(), plane: plane, source: HostProcesses(), resources: HostResources(),
                policy: policy, latecomer: try latecomer(), accounts: accounts, logger: logger
            ) { try writer.append($0) }
        }
        guard let accounts else { throw ValidationError("Totals need --taskstats.") }
        guard targets.endpoint.isEmpty else {
            throw ValidationError("--endpoint needs BPF programs. \(fallback ?? "")")
        }
        return TotalsRecorder(
            options: options(), accounts: accounts, reason: fallback ?? "",
            followsChildren: followed.follow != .none,
            source: HostProcesses(), resources: HostResources(), logger: logger
        ) { try writer.append($0) }
    }

    private func makeAccounts(_ logger: Logger) throws -> TaskAccounts? {
        guard taskstats else { return nil }
        var delaysSince: UInt64? = TaskAccounts.countsDelays() ? 0 : nil
        if enableDelayacct, try DelayAccounting.enable() { delaysSince = Clock.wallTime() }
        return try TaskAccounts(delaysSince: delaysSince, logger: logger)
    }

    private func start(_ recorder: any TargetRecorder, _ found: [TargetSelection.Target]) throws -> Command? {
        guard command.isEmpty else {
            return try recorder.spawn { try Command(starting: command) }
        }
        // The kernel side notices from now on who comes later.
        let users =
            targets.endpoint.isEmpty
            ? [] : ProcTree().users(of: targets.endpoint, except: ProcTree().collectorPIDs())
        try recorder.add(
            users.map { ($0.pid, "uses the endpoint \($0.endpoint)") } + found.map { ($0.pid, $0.reason) })
        if targets.all { try recorder.addAll() }
        return nil
    }

    /// The command's own exit status; it goes on if only the recording is over.
    private func finish(_ command: Command, _ logger: Logger) -> Int32 {
        if StopSignals.isStopping { command.terminate() }
        // Its last thread has ended, but the kernel may take a moment to say so to its parent.
        for _ in 0..<100 {
            if let status = command.exitStatus() { return status }
            usleep(10_000)
        }
        logger.notice("the command goes on as process \(command.pid)")
        return 0
    }

    private func following() -> KernelPlane.Following {
        var following = KernelPlane.Following()
        following.children = followed.follow != .none
        following.communication = followed.follow == .ipc && !targets.all
        following.hops = followed.hops
        following.limit = followed.followLimit
        following.endpoints = targets.endpoint.map { ($0.mappedAddress, $0.port) }
        return following
    }

    private func options() -> RecorderOptions {
        var options = RecorderOptions()
        options.interval = ticks.interval.nanoseconds
        options.duration = duration?.nanoseconds
        options.endsWithTargets = !targets.all && targets.endpoint.isEmpty
        options.maxIdle = followed.maxIdle?.nanoseconds
        options.readsHost = !noHost
        options.intervalBudget = intervals == .full ? nil : intervalBudget
        return options
    }
}
