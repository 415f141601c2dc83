import Model
import Render

/// What is shown below a thread that was expanded: its waits, who had its CPUs, its bursts, and their lengths.
enum ThreadDetail {
    /// Waits and occupants that are shown of each thread.
    private static let most = 5

    static func lines(_ thread: ThreadView, width: Int) -> [StyledLine] {
        let alive = thread.sample.alive
        var lines: [StyledLine] = []
        for wait in thread.waits.prefix(most) {
            var line = StyledLine("     ")
            line.add("waits  ", .blocked(wait.kind), width: 8)
            line.add(ListColumns.percent(wait.total, of: alive), width: 7, isRight: true)
            line.add("  ")
            line.add("\(wait.subject)  < \(wait.waker)", width: max(24, width - 66))
            line.add("  " + counted(wait))
            lines.append(line)
        }
        if thread.waits.count > most {
            lines.append(StyledLine("     … and \(thread.waits.count - most) more waits", .faint))
        }
        for occupant in thread.occupants.prefix(most) where occupant.total * 1000 >= alive {
            var line = StyledLine("     ")
            line.add("queued ", .runQueue, width: 8)
            line.add(ListColumns.percent(occupant.total, of: alive), width: 7, isRight: true)
            line.add("  " + occupant.name)
            lines.append(line)
        }
        return lines + rhythm(thread.sample)
    }

    private static func counted(_ wait: WaitView) -> String {
        guard wait.count > 0 else { return "not over yet" }
        let mean = Units.duration(wait.total / wait.count)
        return "\(Units.count(wait.count)) × \(mean)  \(Drawings.distribution(wait.lengths))"
    }

    private static func rhythm(_ sample: ThreadSample) -> [StyledLine] {
        var lines: [StyledLine] = []
        if sample.bursts > 0 {
            var line = StyledLine("     ")
            line.add("bursts ", .onCPU, width: 8)
            line.add(
                "\(Units.count(sample.bursts)) × \(Units.duration(sample.burstTotal / sample.bursts)), longest "
                    + "\(Units.duration(sample.longestBurst))  \(Drawings.distribution(sample.burstLengths))")
            lines.append(line)
        }
        if sample.runQueues > 0 {
            var line = StyledLine("     ")
            line.add("queue  ", .runQueue, width: 8)
            line.add(
                "\(Units.count(sample.runQueues)) stays, longest \(Units.duration(sample.longestRunQueue))  "
                    + Drawings.distribution(sample.runQueueLengths))
            lines.append(line)
        }
        var line = StyledLine("     ")
        line.add("events ", .faint, width: 8)
        line.add(
            "\(Units.count(sample.wakeups)) wakeups, \(Units.count(sample.voluntarySwitches)) voluntary and "
                + "\(Units.count(sample.involuntarySwitches)) involuntary switches, "
                + "\(Units.count(sample.minorFaults &+ sample.majorFaults)) faults", .faint)
        return lines + [line]
    }
}
