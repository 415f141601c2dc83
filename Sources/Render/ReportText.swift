import Model
import Recording

/// A report as text for a terminal.
public struct ReportText {
    private let data: ReportData
    private let top: Int
    private var lines: [String] = []

    /// - Parameter top: how many threads, waits, and comings and goings to show.
    public static func render(_ data: ReportData, top: Int = 15) -> String {
        var report = ReportText(data: data, top: top)
        report.addHeader()
        guard !data.threads.isEmpty else {
            report.lines += ["", "No thread was recorded in this stretch, or none that you asked for."]
            report.addTargets()
            report.addLosses()
            return report.text
        }
        report.addThreads()
        report.addConservation()
        report.addWaits()
        report.addOccupants()
        report.addBlock()
        report.addAsync()
        report.addPressure()
        report.addPMU()
        report.addSyscalls()
        report.addTaskstats()
        report.addPageCache()
        report.addHost()
        report.addRhythm()
        report.addTargets()
        report.addLosses()
        return report.text
    }

    private init(data: ReportData, top: Int) {
        self.data = data
        self.top = max(1, top)
    }

    private var text: String { lines.joined(separator: "\n") + "\n" }

    private mutating func addHeader() {
        let header = data.header
        lines.append("Stallscope report of " + TerminalText.safe(data.path))
        lines.append(
            "  host      "
                + TerminalText.safe("\(header.host), Linux \(header.kernel), \(header.cpus) CPUs"))
        if let span = data.span {
            let begin = span.first.time - min(span.first.time, span.first.duration)
            let length = span.last.bootTime - min(span.last.bootTime, span.first.bootTime)
            lines.append(
                "  span      \(WallClock.text(begin)) to \(WallClock.timeOfDay(span.last.time)), "
                    + "\(Units.duration(length + span.first.duration)) in \(data.tickCount) ticks")
        } else {
            lines.append("  span      no tick in this stretch")
        }
        let processes = Set(data.threads.map(\.process))
        lines.append(
            "  targets   " + Units.count(processes.count, "process", "processes") + ", "
                + Units.count(data.threads.count, "thread", "threads"))
        lines.append(
            "  made by   "
                + TerminalText.cut(TerminalText.safe("\(header.command) (\(header.version))"), to: 96))
        if !data.isFinished {
            lines.append("  note      not finished: it is still being written, or its recorder was killed")
        }
    }

    private mutating func addThreads() {
        var table = TextTable([
            ("THREAD", .left), ("TID", .right), ("PROCESS", .left), ("STATES", .left), ("ON CPU", .right),
            ("WAKING", .right), ("RUN QUEUE", .right), ("BLOCKED", .right), ("UNINT.", .right),
            ("I/O", .right),
            ("ALIVE", .right), ("VOL. CS", .right), ("INVOL. CS", .right), ("WAKEUPS", .right),
            ("MIGR.", .right),
        ])
        let threads = data.threads.filter { !idleKernelThreads.contains($0.thread) }
        for thread in threads.prefix(top) {
            let sample = thread.sample
            table.add([
                thread.comm, "\(thread.tid)", "\(thread.processComm)/\(thread.pid)",
                Drawings.states(sample), Units.percent(sample.onCPU, of: sample.alive),
                Units.percent(sample.waking, of: sample.alive),
                Units.percent(sample.runQueue, of: sample.alive),
                Units.percent(sample.blocked, of: sample.alive),
                Units.percent(sample.uninterruptible, of: sample.alive),
                Units.percent(sample.ioWait, of: sample.alive), Units.duration(sample.alive),
                Units.count(sample.voluntarySwitches), Units.count(sample.involuntarySwitches),
                Units.count(sample.wakeups), Units.count(sample.migrations),
            ])
        }
        addSection("Threads, those with the most time on or waiting for a CPU first", table)
        addRest(threads.count, of: "threads")
        lines.append("  " + Drawings.stateLegend)
        let idle = data.threads.count - threads.count
        if idle > 0 {
            lines.append(
                "  not shown: \(Units.count(idle, "thread", "threads")) of the kernel that had nothing to do")
        }
    }

    /// They wait for work, and none came.
    private var idleKernelThreads: Set<Int64> {
        let others = Set(data.waits.filter { $0.kind != "kernel_thread" }.map(\.thread))
        let waiting = Set(data.waits.map(\.thread))
        return Set(
            data.threads.filter {
                $0.sample.onCPU == 0 && waiting.contains($0.thread) && !others.contains($0.thread)
            }.map(\.thread))
    }

    private mutating func addConservation() {
        let sum = data.conservation
        lines += ["", "Time"]
        lines.append(
            "  on CPU \(Units.duration(sum.onCPU)) + waking \(Units.duration(sum.waking)) + run queue "
                + "\(Units.duration(sum.runQueue)) + blocked \(Units.duration(sum.blocked)) = \(Units.duration(sum.accounted)) of "
                + "\(Units.duration(sum.alive)) alive, in \(sum.rows) thread-ticks")
        lines.append(
            "  largest difference in a thread-tick: \(Self.exact(sum.largestDeviation)); "
                + "blocked time that has a cause: \(Units.percent(sum.waits, of: sum.blocked))")
        lines.append(
            "  the kernel's own account, which has other boundaries: on CPU \(Units.duration(sum.kernelOnCPU)) "
                + "(\(Self.difference(sum.onCPU, sum.kernelOnCPU))), run queue "
                + "\(Units.duration(sum.kernelRunQueue)) "
                + "(\(Self.difference(sum.runQueue, sum.kernelRunQueue)))")
        if let intervals = data.intervals {
            lines.append(
                "  single spells off the CPU: all are known of \(Units.percent(intervals.seen, of: intervals.duration)) "
                    + "of the time")
        }
    }

    private mutating func addWaits() {
        let threads = Dictionary(
            data.threads.map { ($0.thread, $0.sample) }, uniquingKeysWith: { first, _ in first })
        func isIdle(_ wait: WaitTotal) -> Bool {
            threads[wait.thread].map { $0.onCPU == 0 && $0.runQueue == 0 } ?? false
        }
        // A pool of threads that nobody needed would fill the table with its one long wait each.
        let waits = WaitGroup.of(data.waits.filter { !isIdle($0) }, data.resources)
            .filter { !$0.isIdleKernelThread }
        if !waits.isEmpty {
            addSection(
                "Waits, the longest total first (share of the thread's time alive)",
                waitTable(waits, threads))
            addRest(waits.count, of: "waits")
        }
        addIdleThreads(data.waits.filter(isIdle))
    }

    private func waitTable(_ waits: [WaitGroup], _ threads: [Int64: ThreadSample]) -> TextTable {
        let slowest = AsyncTables.slowestFiles(data.async)
        var table = TextTable(
            [
                ("THREAD", .left), ("TID", .right), ("WAITS FOR", .left), ("ENDED BY", .left),
                ("TOTAL", .right), ("SHARE", .right), ("COUNT", .right), ("MEAN", .right), ("MAX", .right),
                ("LENGTHS", .left),
            ], widest: 56)
        for group in waits.prefix(top) {
            let wait = group.wait
            table.add([
                wait.comm, "\(wait.tid)", group.subject(slowest), WaitGroup.waker(wait),
                Units.duration(wait.total),
                Units.percent(wait.total, of: threads[wait.thread]?.alive ?? 0), Units.count(wait.count),
                wait.count == 0 ? "" : Units.duration(wait.total / wait.count),
                wait.longest == 0 ? "" : Units.duration(wait.longest), Drawings.distribution(wait.lengths),
            ])
        }
        return table
    }

    /// `750 threads never ran; they stayed in: futex 740, epoll 10`
    private mutating func addIdleThreads(_ waits: [WaitTotal]) {
        var threads: [String: Set<Int64>] = [:]
        for wait in waits { threads[wait.kind, default: []].insert(wait.thread) }
        guard !threads.isEmpty else { return }
        let kinds = threads.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
            .map { "\($0.key) \($0.value.count)" }
        let count = Set(waits.map(\.thread)).count
        lines.append(
            "  \(count) thread\(count == 1 ? "" : "s") never ran; they stayed in: "
                + kinds.joined(separator: ", "))
    }

    /// Where nobody waited for a CPU for long, the table would only show how fast switches are.
    private mutating func addOccupants() {
        let alive = data.conservation.alive
        guard alive > 0, data.conservation.runQueue * 1000 >= alive else { return }
        let threads = Dictionary(
            data.threads.map { ($0.thread, $0.sample) }, uniquingKeysWith: { first, _ in first })
        var table = TextTable(
            [
                ("THREAD", .left), ("TID", .right), ("WAITED FOR A CPU THAT", .left), ("CGROUP", .left),
                ("TOTAL", .right), ("SHARE", .right), ("TIMES", .right),
            ], widest: 48)
        for occupant in data.occupants.prefix(top) {
            let sample = threads[occupant.thread]
            table.add([
                occupant.comm, "\(occupant.tid)", Self.occupant(occupant), occupant.cgroup ?? "",
                Units.duration(occupant.total), Units.percent(occupant.total, of: sample?.runQueue ?? 0),
                Units.count(occupant.count),
            ])
        }
        addSection("Run queue, by who had the CPU (share of the thread's run-queue time)", table)
        addRest(data.occupants.count, of: "occupants")
    }

    private mutating func addBlock() {
        guard !data.block.isEmpty else { return }
        let table = BlockTable.of(data.block.prefix(top), targets: Set(data.threads.map(\.pid)))
        addSection("Block devices, by who submitted the requests (* not a target)", table)
        addRest(data.block.count, of: "users of block devices")
    }

    private mutating func addAsync() {
        let rings = data.async.filter { $0.sample.issue != .aio }
        if !rings.isEmpty {
            addSection("Requests of io_uring, the longest time first", AsyncTables.rings(rings.prefix(top)))
            addRest(rings.count, of: "kinds of requests")
        }
        let aio = data.async.filter { $0.sample.issue == .aio }
        if !aio.isEmpty {
            addSection(
                "Requests of aio until the program was given their results, the longest time first",
                AsyncTables.aio(aio.prefix(top)))
            addRest(aio.count, of: "kinds of requests")
        }
    }

    private mutating func addPressure() {
        guard !data.pressure.isEmpty else { return }
        var table = TextTable([
            ("SHORT OF", .left), ("WHERE", .left), ("SOME STALLED", .right), ("ALL STALLED", .right),
        ])
        for total in data.pressure.prefix(top) {
            table.add([
                total.resource, total.cgroup ?? "the host", Units.percent(total.some, of: total.duration),
                Units.percent(total.full, of: total.duration),
            ])
        }
        addSection("Pressure: share of the time in which tasks were stalled", table)
        addRest(data.pressure.count, of: "pressures")
    }

    private mutating func addPMU() {
        guard !data.pmu.isEmpty else { return }
        let (table, threads) = PMUTable.of(data.pmu, top: top)
        addSection(
            "Performance counters (~ scaled up: it shared the hardware with others; + at least: some turns went unseen)",
            table)
        addRest(threads, of: "threads")
    }

    private mutating func addSyscalls() {
        if !data.syscalls.isEmpty {
            addSection(
                "System calls, the longest time first", SyscallTables.calls(data.syscalls.prefix(top)))
            addRest(data.syscalls.count, of: "kinds of calls")
        }
        if !data.traffic.isEmpty {
            addSection(
                "Sockets and pipes, the most bytes first", SyscallTables.traffic(data.traffic.prefix(top)))
            addRest(data.traffic.count, of: "sockets and pipes")
        }
    }

    private mutating func addTaskstats() {
        let section = TaskstatsTable(data.taskstats, top: top)
        guard let title = section.title else { return }
        if let table = section.table { addSection(title, table) } else { lines += ["", title] }
        lines += section.notes.map { "  " + $0 }
        addRest(section.rows.count, of: "threads with delays")
    }

    private mutating func addPageCache() {
        guard !data.pageCache.isEmpty else { return }
        addSection(
            "Page cache, by file and process (pages; cached when last looked at)",
            PageCacheTable.of(data.pageCache.prefix(top)))
        addRest(data.pageCache.count, of: "files and their users")
    }

    private mutating func addHost() {
        let host = HostText.lines(data.host, top: top)
        if !host.isEmpty { lines += ["", "Host"] + host.map { "  " + $0 } }
    }

    private mutating func addRhythm() {
        var table = TextTable([
            ("THREAD", .left), ("TID", .right), ("BURSTS", .right), ("MEAN", .right), ("MAX", .right),
            ("BURST LENGTHS", .left), ("TIMES IN RUN QUEUE", .left), ("WAKEUP EVERY", .right),
            ("TIMES BETWEEN WAKEUPS", .left),
            ("FAULTS", .right), ("MAJOR", .right),
        ])
        let shown = data.threads.prefix(top).filter { $0.sample.bursts > 0 || $0.sample.wakeGaps > 0 }
        guard !shown.isEmpty else { return }
        for thread in shown {
            let sample = thread.sample
            table.add([
                thread.comm, "\(thread.tid)", Units.count(sample.bursts),
                sample.bursts == 0 ? "" : Units.duration(sample.burstTotal / sample.bursts),
                Units.duration(sample.longestBurst), Drawings.distribution(sample.burstLengths),
                Drawings.distribution(sample.runQueueLengths),
                sample.wakeGaps == 0 ? "" : Units.duration(sample.wakeGapTotal / sample.wakeGaps),
                Drawings.distribution(sample.wakeGapLengths),
                Units.count(sample.minorFaults &+ sample.majorFaults), Units.count(sample.majorFaults),
            ])
        }
        addSection("Bursts on a CPU, stays in the run queue, and times from one wakeup to the next", table)
    }

    private mutating func addTargets() {
        guard !data.targets.isEmpty else { return }
        var table = TextTable([
            ("TIME", .left), ("PID", .right), ("PROCESS", .left), ("", .left), ("", .left),
        ])
        for event in data.targets.prefix(top) {
            table.add([
                WallClock.timeOfDay(event.time), "\(event.pid)", event.comm ?? "", event.event, event.reason,
            ])
        }
        addSection("Targets", table)
        addRest(data.targets.count, of: "comings and goings")
    }

    private mutating func addLosses() {
        lines.append("")
        guard !data.losses.isEmpty else {
            lines.append("Losses: nothing was lost")
            return
        }
        lines.append("Losses")
        for loss in data.losses.prefix(top) {
            lines.append(
                "  "
                    + TerminalText.safe(
                        "\(WallClock.timeOfDay(loss.time))  \(loss.count) \(loss.what) (\(loss.place)): "
                            + loss.advice))
        }
        addRest(data.losses.count, of: "losses")
    }

    private mutating func addSection(_ title: String, _ table: TextTable) {
        lines += ["", title] + table.lines(indent: 2)
    }

    private mutating func addRest(_ count: Int, of things: String) {
        if count > top { lines.append("  … and \(count - top) more \(things); --top \(count) shows all") }
    }
}

extension ReportText {
    /// Who had the CPU: `stress-ng/123 had`, `a quota took`.
    static func occupant(_ total: OccupantTotal) -> String {
        switch (total.kind, total.occupantTID) {
        case ("thread", .some(let tid)): "\(total.occupantComm ?? "?")/\(tid) had"
        case ("latency", _): "was idle (scheduling latency)"
        case ("quota", _): "its cgroup's quota withheld"
        case ("stolen", _): "the hypervisor took"
        default: "others had (not known who)"
        }
    }

    private static func exact(_ share: Double) -> String {
        share == 0 ? "none" : Units.fixed(share * 100, 3) + " %"
    }

    private static func difference(_ ours: UInt64, _ kernels: UInt64) -> String {
        guard kernels > 0 else { return "none to compare with" }
        let share = Double(ours) / Double(kernels) - 1
        let text = Units.fixed(abs(share) * 100, 2)
        return (text == "0.00" ? "±" : share < 0 ? "-" : "+") + text + " %"
    }
}
