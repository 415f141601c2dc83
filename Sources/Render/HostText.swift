import Model
import Recording

/// The section "Host" of a report: what of the host around the targets a reader needs, a line for each.
enum HostText {
    static func lines(_ totals: HostTotals, top: Int) -> [String] {
        var lines: [String] = []
        if let cpus = cpus(totals) { lines.append(cpus) }
        if let queue = runQueue(totals) { lines.append(queue) }
        let busiest = totals.devices.filter { $0.busy * 100 >= totals.duration }.sorted { $0.busy > $1.busy }
        lines += busiest.prefix(top).map { device($0, of: totals.duration) }
        lines += totals.cgroupCPU.filter { $0.throttledPeriods > 0 }.sorted { $0.throttled > $1.throttled }
            .prefix(top).map(quota)
        lines += totals.cgroupMemory.filter(isShort).prefix(top).map(memory)
        lines += totals.network.filter { $0.retransmits + $0.drops + $0.listenDrops > 0 }.prefix(top).map(
            network)
        lines += totals.connections.prefix(top).map { connection($0.name, $0.sample) }
        return lines
    }

    /// `CPUs 2: user 49.3 %, system 20.1 %, idle 30.6 %; the busiest, 1, for 91.0 %`
    private static func cpus(_ totals: HostTotals) -> String? {
        func sum(_ part: (HostCPUSample) -> UInt64) -> UInt64 { totals.cpus.reduce(0) { $0 + part($1) } }
        let all = sum { $0.busy + $0.idle + $0.ioWait + $0.steal }
        guard all > 0, let busiest = totals.cpus.max(by: { $0.busy < $1.busy }) else { return nil }
        let parts: [(String, UInt64)] = [
            ("user", sum(\.user)), ("system", sum(\.system)), ("interrupts", sum { $0.irq + $0.softirq }),
            ("stolen", sum(\.steal)), ("idle for I/O", sum(\.ioWait)), ("idle", sum(\.idle)),
        ]
        let shown = parts.filter { $0.1 > 0 }.map { "\($0.0) \(Units.percent($0.1, of: all))" }
        let own = busiest.busy + busiest.idle + busiest.ioWait + busiest.steal
        return "\(Units.count(totals.cpus.count, "CPU", "CPUs")): " + shown.joined(separator: ", ")
            + (totals.cpus.count > 1
                ? "; the busiest, \(busiest.cpu), for \(Units.percent(busiest.busy, of: own))" : "")
    }

    private static func runQueue(_ totals: HostTotals) -> String? {
        guard let runnable = totals.runnable, let load = totals.load else { return nil }
        let waiting = totals.waited.map { waited in
            "; on average \(Units.fixed(Double(waited) / Double(max(totals.duration, 1)), 2)) waited for a CPU"
        }
        return
            "run queue: \(Units.fixed(runnable, 1)) tasks at the end of a tick, load \(Units.fixed(load, 2))"
            + (waiting ?? "")
    }

    private static func device(_ device: HostDeviceSample, of duration: UInt64) -> String {
        "\(TerminalText.safe(device.device)): busy \(Units.percent(device.busy, of: duration)), "
            + "\(Units.count(device.reads)) reads (\(Units.bytes(device.readBytes))), "
            + "\(Units.count(device.writes)) writes (\(Units.bytes(device.writtenBytes))), "
            + "\(Units.fixed(Double(device.queued) / Double(max(duration, 1)), 1)) under way on average"
    }

    private static func quota(_ group: CgroupCPUSample) -> String {
        let cpus = Units.fixed(Double(group.quota) / Double(max(group.period, 1)), 2)
        return "\(TerminalText.safe(group.cgroup)): its quota of \(cpus) CPUs ran out in "
            + "\(Units.count(group.throttledPeriods)) of \(Units.count(group.periods)) periods, "
            + "throttled for \(Units.duration(group.throttled))"
    }

    private static func isShort(_ group: CgroupMemorySample) -> Bool {
        group.maxEvents + group.highEvents + group.oomKills + group.refaults > 0
    }

    private static func memory(_ group: CgroupMemorySample) -> String {
        var facts: [String] = []
        if let max = group.max {
            facts.append("limit \(Units.bytes(max)) met \(Units.count(group.maxEvents)) times")
        }
        if let high = group.high {
            facts.append("high \(Units.bytes(high)) met \(Units.count(group.highEvents)) times")
        }
        if group.refaults > 0 { facts.append("\(Units.count(group.refaults)) pages read again") }
        if group.swap > 0 { facts.append("\(Units.bytes(group.swap)) swapped out") }
        if group.oomKills > 0 { facts.append("\(Units.count(group.oomKills)) processes killed for it") }
        return "\(TerminalText.safe(group.cgroup)): " + facts.joined(separator: ", ")
            + "; up to \(Units.bytes(group.current)) in use"
    }

    private static func network(_ network: NetworkSample) -> String {
        "network namespace \(network.namespace): \(Units.count(network.retransmits)) TCP segments sent again, "
            + "\(Units.count(network.segments)) for the first time (\(Units.count(network.timeouts)) timeouts), \(Units.count(network.drops)) packets dropped, "
            + "\(Units.count(network.listenDrops)) connections by full listeners"
    }

    private static func connection(_ name: String?, _ connection: ConnectionSample) -> String {
        "\(TerminalText.safe(name ?? "a connection")): \(Units.count(connection.retransmits)) segments sent again, "
            + "\(Units.count(connection.lostEver)) taken for lost since it was made, "
            + "round trip \(Units.duration(connection.roundTrip))"
    }
}
